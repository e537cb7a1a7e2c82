// From functions and arguments to packed templates and items, repeated when a future inside has no
// key yet. Everything the wire knows of user values is made here and in templates.ts.
import { encodeItems, type FunctionWarning } from "@acme/serialize";
import { packByName, packPython } from "../python/pack-python.js";
import { pythonFacts } from "../python/python-function.js";
import type { PackedTemplate, PackedValue } from "./call-batch.js";
import { type NameRemote, ReferenceNames } from "./references.js";
import { withOwnBuffers } from "./shared-buffers.js";
import { type AnyFunction, type MakeTemplate, rememberedTemplate } from "./templates.js";

export interface CallsToPack {
  readonly fn: AnyFunction;
  /** For each call its own arguments, equally many. */
  readonly rows: readonly (readonly unknown[])[];
  /** Arguments that all calls share, after their own. */
  readonly shared: readonly unknown[];
}

export interface PackedCalls {
  readonly template: PackedTemplate;
  readonly items: readonly PackedValue[];
  readonly warnings: readonly FunctionWarning[];
}

/**
 * Packs calls of one function. What they are given may change once this has resolved.
 *
 * @throws FunctionShipError, FutureUseError, PythonValueError
 */
export async function packCalls(
  { fn, rows, shared }: CallsToPack,
  name: NameRemote,
  makeTemplate: MakeTemplate = rememberedTemplate,
): Promise<PackedCalls> {
  const python = pythonFacts(fn);
  if (python !== undefined) return packPython(python, { fn, rows, shared }, name);
  if (name.isDask) return packByName({ fn, rows, shared }, name);
  const own = rows[0]?.length ?? 0;
  for (;;) {
    const names = new ReferenceNames(name);
    // Both begin at once, so that both see the values of this moment.
    const [items, { template, waitFor }] = await Promise.all([
      encodeItems(rows, names),
      makeTemplate({ fn, own, shared }, name),
    ]);
    const open = [...names.waitFor, ...waitFor];
    if (open.length === 0) {
      return { template, items: withOwnBuffers(items), warnings: template.warnings };
    }
    await Promise.all(open);
  }
}
