// Writes the table entries of all functions a walk has met. Their captured values go through the
// same walk, which may meet more functions, until none is pending.

import { FunctionShipError } from "../ship-error.js";
import { GraphEncoder, type PendingFunction } from "../values/encode.js";
import { builtinNode } from "../values/encode-exotic.js";
import { finishValue } from "../values/encoded-value.js";
import { hashFrames } from "../values/frame-hash.js";
import { encodeBag, type OwnEntry, ownEntries } from "../values/own-properties.js";
import { describePath, type Step } from "../values/path.js";
import { type Container, mark, tag } from "../values/tags.js";
import {
  type Description,
  describeFunction,
  describeInitialiser,
  functionName,
} from "./describe.js";
import type { ReferenceRecord } from "./source-record.js";
import type { FunctionWarning } from "./warnings.js";

/** One function a document carries, for reports. */
export interface WrittenFunction {
  readonly index: number;
  readonly target: object;
  readonly description: Description;
}

export interface WrittenFunctions {
  readonly warnings: FunctionWarning[];
  readonly functions: WrittenFunction[];
}

interface WriteOptions {
  readonly identify?: boolean;
  /** What is known of functions met before in the same batch. */
  readonly memo?: DescriptionMemo;
}

/** Functions described once for many documents of a batch. */
export type DescriptionMemo = Map<object, Description>;

/**
 * Describes and writes every pending function of a walk. Classes and per-worker values get an
 * identity that holds across documents, unless `identify` is false.
 */
export async function writeFunctions(
  encoder: GraphEncoder,
  { identify = true, memo = new Map() }: WriteOptions = {},
): Promise<WrittenFunctions> {
  const written: WrittenFunctions = { warnings: [], functions: [] };
  for (let next = encoder.pending.shift(); next !== undefined; next = encoder.pending.shift()) {
    const { index, target, path } = next;
    let description = memo.get(target);
    if (description === undefined) {
      const plain = await describeFunction(target, describePath(path));
      description = identify ? await withIdentity(target, plain) : plain;
      memo.set(target, description);
      if (description.kind === "source") written.warnings.push(...description.warnings);
    }
    written.functions.push({ index, target, description });
    write(encoder, next, description);
  }
  return written;
}

const identities = new WeakMap<object, string | null>();

/**
 * A class that travels by value must be the same class in every document that reaches a process,
 * or instances of one would not be instances of the other. So it carries a hash of itself.
 */
async function withIdentity(target: object, description: Description): Promise<Description> {
  if (description.kind === "perWorker") {
    return { ...description, key: await identityOf(description.factory) };
  }
  if (description.kind !== "source" || !description.record.isClass) return description;
  return { ...description, record: { ...description.record, classId: await identityOf(target) } };
}

async function identityOf(target: object): Promise<string | null> {
  const known = identities.get(target);
  if (known !== undefined) return known;
  const encoder = new GraphEncoder();
  const root = encoder.functionNode(target);
  let identity: string | null;
  try {
    await writeFunctions(encoder, { identify: false });
    identity = hashFrames(finishValue(encoder, root).frames);
  } catch (error) {
    // The walk that asked will meet the same obstacle and name the way that led to it.
    if (!(error instanceof FunctionShipError)) throw error;
    identity = null;
  }
  identities.set(target, identity);
  return identity;
}

type SourceDescription = Extract<Description, { kind: "source" }>;

function write(encoder: GraphEncoder, pending: PendingFunction, description: Description): void {
  const { index, target, path } = pending;
  switch (description.kind) {
    case "builtin":
      encoder.fill(index, builtinNode(description.reference));
      return;
    case "reference": {
      const record: ReferenceRecord = { name: functionName(target), ...description.reference };
      encoder.fill(index, [mark, tag.moduleRef, record]);
      return;
    }
    case "bound":
      writeBound(encoder, pending, description);
      return;
    case "perWorker": {
      const node: unknown[] = [mark, tag.perWorker, description.key, null];
      encoder.fill(index, node);
      const step = { phrase: "per-worker factory" };
      encoder.put(node as never, 3, description.factory, [...path, step]);
      return;
    }
    case "source":
      writeSource(encoder, pending, description);
      return;
  }
}

function writeBound(
  encoder: GraphEncoder,
  { index, path }: PendingFunction,
  { target, self, args }: Extract<Description, { kind: "bound" }>,
): void {
  const node: unknown[] = [mark, tag.bound, null, null, ...args.map(() => null)];
  encoder.fill(index, node);
  const within = (phrase: string): Step[] => [...path, { phrase }];
  encoder.put(node as never, 2, target, within("bound function"));
  encoder.put(node as never, 3, self, within("bound this"));
  args.forEach((value, at) => {
    encoder.put(node as never, 4 + at, value, within(`bound argument ${at}`));
  });
}

// [mark, source, record, captured names and nodes, own properties, prototype]
function writeSource(
  encoder: GraphEncoder,
  { index, target, path }: PendingFunction,
  description: SourceDescription,
): void {
  const name = functionName(target) || "<anonymous>";
  const here = [...path, { phrase: `function '${name}' (${description.anatomy.location})` }];
  const captured: unknown[] = [];
  const node: unknown[] = [mark, tag.source, description.record, captured, null, null];
  encoder.fill(index, node);
  writeCaptures(encoder, captured, description, here);
  node[4] = ownProperties(encoder, target, description.record.isClass, here);
  node[5] = prototypeProperties(encoder, target, description.record.isClass, here);
}

function writeCaptures(
  encoder: GraphEncoder,
  captured: unknown[],
  { captures, anatomy }: SourceDescription,
  here: readonly Step[],
): void {
  for (const { name, value } of captures.values) {
    const at = captured.push(name, null) - 1;
    const path = [...here, { phrase: `captured variable '${name}'` }];
    encoder.put(captured as never, at, value, path);
  }
  for (const { name, initialiser } of captures.recreated) {
    const path = [...here, { phrase: `initialiser of '${name}'` }];
    const description = describeInitialiser(anatomy, initialiser, describePath(path));
    const inner: unknown[] = [];
    const source = [mark, tag.source, description.record, inner, null, null];
    captured.push(name, encoder.addEntry([mark, tag.recreate, encoder.addEntry(source)]));
    writeCaptures(encoder, inner, description, path);
  }
}

const intrinsicKeys: ReadonlySet<string | symbol> = new Set([
  "length",
  "name",
  "prototype",
  "arguments",
  "caller",
]);

// Of a class, the static fields as they are now; its methods come with the text.
function ownProperties(
  encoder: GraphEncoder,
  target: object,
  isClass: boolean,
  here: readonly Step[],
): unknown {
  const entries = ownEntries(target, (key) => intrinsicKeys.has(key));
  const shipped = isClass ? entries.filter(({ enumerable }) => enumerable) : entries;
  return writeBag(encoder, shipped, here);
}

/** What code added to a prototype after the function was made, and its parent if it has one. */
function prototypeProperties(
  encoder: GraphEncoder,
  target: object,
  isClass: boolean,
  here: readonly Step[],
): unknown {
  const prototype: unknown = Object.getOwnPropertyDescriptor(target, "prototype")?.value;
  if (typeof prototype !== "object" || prototype === null) return null;
  const added = ownEntries(prototype, (key) => key === "constructor");
  const entries = added.filter(({ enumerable }) => enumerable);
  const parent: unknown = Object.getPrototypeOf(prototype);
  const inherits =
    !isClass && Object.hasOwn(prototype, "constructor") && parent !== Object.prototype;
  if (entries.length === 0 && !inherits) return null;
  const node: unknown[] = [null, null];
  node[0] = writeBag(encoder, entries, here);
  if (inherits) encoder.put(node as never, 1, { parent }, [...here, { phrase: "its prototype" }]);
  return node;
}

function writeBag(
  encoder: GraphEncoder,
  entries: readonly OwnEntry[],
  here: readonly Step[],
): unknown {
  if (entries.length === 0) return null;
  const holder: Container = {};
  encoder.within(here, () => {
    holder.bag = encodeBag(encoder, entries, 0);
  });
  return holder.bag;
}
