// Admits to the wire what dask's peers read: nil, booleans, numbers, text, bytes, arrays and maps.
// One walk in front of the packer that refuses all else with its path, and replaces what msgpackr
// would write otherwise. It must not know what payloads are: whoever calls gives their stand-ins.
import { LimitError, WireFormatError } from "./errors.js";
import { wireLimits } from "./limits.js";
import { pathOf } from "./message-path.js";

/** Gives what to write in place of an object that msgpack has no form for, or undefined. */
export type StandIn = (value: object) => Readonly<Record<string, unknown>> | undefined;

/** Thrown inside, so that the path of the culprit is only sought when there is one. */
class Unfit extends Error {
  readonly culprit: unknown;
  constructor(reason: string, culprit: unknown) {
    super(reason);
    this.culprit = culprit;
  }
}

/** What one walk knows beside the value at hand. */
interface Walk {
  readonly standIn: StandIn | undefined;
  /** The document will have as many bytes at least; checked before memory is spent on it. */
  bytes: number;
  containers: number;
}

/**
 * The value in a form that msgpackr writes as dask does. Nothing is copied but what contains
 * something replaced: sets, whole numbers beyond 32 bits, and what has a stand-in.
 *
 * @param value - what is to be sent; never changed
 * @param standIn - what to write for objects of other classes
 * @throws WireFormatError with the path of what has no wire form; LimitError if it is too large
 */
export function fitForWire(value: unknown, standIn?: StandIn): unknown {
  try {
    return admit(value, 0, { standIn, bytes: 0, containers: 0 });
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    const path = pathOf(error.culprit, value);
    throw new WireFormatError(`${path} cannot be sent: ${error.message}`, { path });
  }
}

function admit(value: unknown, depth: number, walk: Walk): unknown {
  switch (typeof value) {
    case "string":
      checkText(value, walk);
      return value;
    case "number":
      return admitNumber(value);
    case "object":
      return value === null ? null : admitObject(value, depth, walk);
    case "boolean":
      return value;
    case "bigint":
      return admitBigint(value);
    default:
      throw new Unfit(`it is ${typeof value}`, value);
  }
}

function checkText(text: string, walk: Walk): void {
  count(text.length, walk);
  if (!isWellFormed.call(text)) {
    throw new Unfit("it is text with a lone surrogate, which UTF-8 cannot hold", text);
  }
}

// In every engine since 2023, but not in the library this project is compiled against.
const { isWellFormed } = String.prototype as unknown as { isWellFormed(this: string): boolean };

function count(bytes: number, walk: Walk): void {
  walk.bytes += bytes + 1;
  if (walk.bytes > wireLimits.documentBytes) {
    throw new LimitError("documentBytes", walk.bytes, wireLimits.documentBytes);
  }
}

// Whole numbers beyond 32 bits would become floats, which Python tells from integers.
function admitNumber(value: number): number | bigint {
  if (value >>> 0 === value || value >> 0 === value) return value;
  return Number.isInteger(value) && Math.abs(value) <= 2 ** 53 ? BigInt(value) : value;
}

// All bigints are written in eight bytes, so small ones are made numbers.
function admitBigint(value: bigint): number | bigint {
  if (value >= -0x80000000n && value <= 0xffffffffn) return Number(value);
  if (BigInt.asIntN(64, value) === value || BigInt.asUintN(64, value) === value) return value;
  throw new Unfit("it is an integer of more than 64 bits", value);
}

function admitObject(value: object, depth: number, walk: Walk): unknown {
  if (depth >= wireLimits.nestingDepth) {
    throw new Unfit(`it is nested more than ${wireLimits.nestingDepth} deep, or circular`, value);
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    return admitFields(value as Record<string, unknown>, depth + 1, walk);
  }
  if (Array.isArray(value)) return admitArray(value, depth + 1, walk);
  if (value instanceof Uint8Array) {
    count(value.length, walk);
    return value;
  }
  if (value instanceof Map) return admitMap(value, depth + 1, walk);
  if (value instanceof Set) {
    return admitFields({ __Set__: true, "as-list": [...value] }, depth + 1, walk);
  }
  const instead = walk.standIn?.(value);
  if (instead !== undefined) return admitFields(instead, depth + 1, walk);
  const name = value.constructor?.name ?? "a class";
  throw new Unfit(`instances of ${name} have no wire form`, value);
}

// Also what ends the walk of an object that contains another many times over.
function enter(values: number, walk: Walk): void {
  count(values, walk);
  walk.containers += 1;
  if (walk.containers > wireLimits.containersPerDocument) {
    const max = wireLimits.containersPerDocument;
    throw new LimitError("containersPerDocument", walk.containers, max);
  }
}

// for-in over one hidden class reads fields by index, which Object.keys does not; the prototype
// was checked, and has no enumerable fields unless a program broke it.
function admitFields(value: Readonly<Record<string, unknown>>, depth: number, walk: Walk): object {
  let copy: Record<string, unknown> | undefined;
  enter(0, walk);
  for (const key in value) {
    checkText(key, walk);
    const field = value[key];
    const fitted = admit(field, depth, walk);
    if (fitted === field) continue;
    copy ??= { ...value };
    if (key !== "__proto__") copy[key] = fitted;
    else Object.defineProperty(copy, key, { value: fitted });
  }
  return copy ?? value;
}

// An index loop: holes of a sparse array must be seen as the undefined they are.
function admitArray(value: readonly unknown[], depth: number, walk: Walk): readonly unknown[] {
  let copy: unknown[] | undefined;
  enter(value.length, walk);
  for (let i = 0; i < value.length; i++) {
    const item = value[i];
    const fitted = admit(item, depth, walk);
    if (fitted === item) continue;
    copy ??= [...value];
    copy[i] = fitted;
  }
  return copy ?? value;
}

function admitMap(
  value: ReadonlyMap<unknown, unknown>,
  depth: number,
  walk: Walk,
): ReadonlyMap<unknown, unknown> {
  // Of subclasses msgpackr would write the fields instead of the entries.
  let copy = value.constructor === Map ? undefined : new Map<unknown, unknown>();
  let index = 0;
  enter(2 * value.size, walk);
  for (const [key, item] of value) {
    const fittedKey = admit(key, depth, walk);
    const fitted = admit(item, depth, walk);
    if (copy === undefined && (fittedKey !== key || fitted !== item)) {
      copy = new Map([...value].slice(0, index));
    }
    copy?.set(fittedKey, fitted);
    index += 1;
  }
  return copy ?? value;
}
