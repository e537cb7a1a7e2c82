// Packs calls of Python functions in the form of all other calls: a template and an item per call,
// whose parts together are the pickle of a task. Everything in it is copied or written at once.
import { CallWriter, jsCallable, type PickleNode, pyGlobal, sourceCall } from "@acme/python";
import { importedName } from "@acme/serialize";
import { ArgumentError } from "../errors.js";
import type { PackedTemplate, PackedValue } from "../graph/call-batch.js";
import type { CallsToPack, PackedCalls } from "../graph/pack.js";
import { type NameRemote, ReferenceNames, RemoteValue } from "../graph/references.js";
import { withOwnBuffers } from "../graph/shared-buffers.js";
import type { PythonFacts, PythonTarget } from "./python-function.js";

/** A function in a text, which is a task of its own so that it is sent once. */
export class SourceReference extends RemoteValue {
  readonly target: Extract<PythonTarget, { type: "source" }>;

  constructor(target: SourceReference["target"]) {
    super();
    this.target = target;
  }

  describe(): string {
    return `the Python function ${this.target.source.name}`;
  }
}

/**
 * Packs calls of a Python function.
 *
 * @throws PythonValueError for arguments that have no form in Python, FutureUseError
 */
export async function packPython(
  { target, keywords }: PythonFacts,
  calls: Pick<CallsToPack, "fn" | "rows" | "shared">,
  name: NameRemote,
): Promise<PackedCalls> {
  return pack({ target: (names) => targetOf(target, names), keywords, lang: "py" }, calls, name);
}

interface Called {
  readonly target: (names: ReferenceNames) => PickleNode;
  readonly keywords: PythonFacts["keywords"];
  readonly lang: "py" | "js";
}

async function pack(
  { target, keywords, lang }: Called,
  { fn, rows, shared }: Pick<CallsToPack, "fn" | "rows" | "shared">,
  name: NameRemote,
): Promise<PackedCalls> {
  for (;;) {
    const names = new ReferenceNames(name);
    const writer = new CallWriter({ target: target(names), shared, keywords }, names.refOf);
    const items = rows.map((row) => writer.item(row));
    if (names.waitFor.size > 0) {
      await Promise.all(names.waitFor);
      continue;
    }
    const [template] = withOwnBuffers([{ ...writer.template, name: fn.name, lang }]);
    return { template: template as PackedTemplate, items: withOwnBuffers(items), warnings: [] };
  }
}

/**
 * Packs calls of a JavaScript function by its name, as Python programs call it.
 *
 * @throws ArgumentError for a function that was not named
 */
export async function packByName(
  { fn, rows, shared }: Pick<CallsToPack, "fn" | "rows" | "shared">,
  name: NameRemote,
): Promise<PackedCalls> {
  const named = importedName(fn);
  if (named === undefined) {
    throw new ArgumentError(
      `${fn.name || "this function"} cannot be sent through a scheduler of dask's own, which passes ` +
        "on what Python can be told of: name it with importFunction(url, name), or give python(...)",
    );
  }
  const target = jsCallable({ module: named.url, export: named.name });
  return pack({ target: () => target, keywords: {}, lang: "js" }, { fn, rows, shared }, name);
}

/** The task that makes a function from its text. */
export function packSource({ source }: SourceReference["target"]): {
  readonly template: PackedTemplate;
  readonly items: readonly PackedValue[];
} {
  const { target, args } = sourceCall(source);
  const writer = new CallWriter({ target, shared: args, keywords: {} }, () => undefined);
  const name = `source-${source.name}`;
  return { template: { ...writer.template, name, lang: "py" }, items: [writer.item([])] };
}

function targetOf(target: PythonTarget, names: ReferenceNames): PickleNode {
  if (target.type === "module") return pyGlobal(target.module, target.name);
  return names.refOf(new SourceReference(target)) as string;
}
