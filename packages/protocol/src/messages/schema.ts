// How a decoded message becomes a typed object: one reader per field, one schema per op.
// Readers check and convert; they never keep a Map that a hostile peer could have shaped. This
// room knows no op by name. Outgoing messages are plain objects of the same types.
import { LimitError, WireFormatError } from "../errors.js";
import { taskKey, type WireKey } from "../key.js";
import { fieldLimits } from "../limits.js";
import { Pickled, Serialized } from "../serialized.js";

/** What a field takes, as data: for those who make messages of every op, such as a fuzzer. */
export type Shape =
  | { readonly type: "anything" | "text" | "boolean" | "bytes" | "key" }
  | { readonly type: "integer" | "number"; readonly min: number; readonly max: number }
  | { readonly type: "payload" | "serialized" }
  | { readonly type: "literal"; readonly allowed: readonly string[] }
  | { readonly type: "nullable" | "optional" | "list"; readonly of: Shape }
  | { readonly type: "map"; readonly key: Shape; readonly of: Shape }
  | { readonly type: "record"; readonly fields: Readonly<Record<string, Shape>> }
  | { readonly type: "either"; readonly first: Shape; readonly second: Shape };

/** Reads one field of a decoded message, or throws WireFormatError naming the path. */
export interface Field<T> {
  (value: unknown, path: string): T;
  readonly shape: Shape;
}

const shaped = <T>(shape: Shape, read: (value: unknown, path: string) => T): Field<T> =>
  Object.assign(read, { shape });

/** A field that may be absent; marked so that types can tell. */
export interface OptionalField<T> extends Field<T | undefined> {
  readonly optional: true;
}

type Fields = Record<string, Field<unknown>>;
type RequiredNames<F> = {
  [K in keyof F]: F[K] extends OptionalField<unknown> ? never : K;
}[keyof F];
type OptionalNames<F> = {
  [K in keyof F]: F[K] extends OptionalField<unknown> ? K : never;
}[keyof F];
type ValueOf<R> = R extends OptionalField<infer T> ? T : R extends Field<infer T> ? T : never;

/** The object type that a set of fields reads. */
export type Read<F> = { [K in RequiredNames<F>]: ValueOf<F[K]> } & {
  [K in OptionalNames<F>]?: ValueOf<F[K]>;
};

/** Schemas of one direction, by op. */
export type Schemas = Record<string, Fields>;

/** The closed union of messages that a table of schemas describes. */
export type MessageOf<S extends Schemas> = {
  [Op in keyof S & string]: { op: Op } & Read<S[Op]>;
}[keyof S & string];

function refuse(path: string, wanted: string, value: unknown): never {
  const got = value === null ? "nil" : value === undefined ? "nothing" : typeof value;
  throw new WireFormatError(`Expected ${wanted} at ${path}, got ${got}`, { path });
}

/** Whatever it is, it is sent on inside other messages, so its depth is bounded. */
export const anything: Field<unknown> = shaped({ type: "anything" }, (value, path) => {
  if (typeof value === "object" && value !== null) checkDepth(value, path, 1);
  return value ?? null;
});

function checkDepth(value: object, path: string, depth: number): void {
  if (depth > fieldLimits.looseDepth) {
    throw new LimitError(`looseDepth at ${path}`, depth, fieldLimits.looseDepth);
  }
  if (value instanceof Uint8Array || value instanceof Serialized || value instanceof Pickled)
    return;
  for (const items of value instanceof Map ? [value.keys(), value.values()] : [value]) {
    for (const item of items as Iterable<unknown>) {
      if (typeof item === "object" && item !== null) checkDepth(item, path, depth + 1);
    }
  }
}

/** A field whose values are told apart by one look, so that alternatives need no trying. */
export interface PlainField<T> extends Field<T> {
  readonly is: (value: unknown) => boolean;
}

function plain<T>(shape: Shape, wanted: string, is: (value: unknown) => boolean): PlainField<T> {
  const read = (value: unknown, path: string): T =>
    is(value) ? (value as T) : refuse(path, wanted, value);
  return Object.assign(read, { is, shape });
}

export const text = plain<string>(
  { type: "text" },
  "a string",
  (value) => typeof value === "string",
);
export const bool = plain<boolean>(
  { type: "boolean" },
  "a boolean",
  (value) => typeof value === "boolean",
);

/** Text that is remembered or logged: an address, an id, a topic. */
export const name: PlainField<string> = Object.assign(
  (value: unknown, path: string): string => {
    const { length } = text(value, path);
    if (length <= fieldLimits.nameLength) return value as string;
    throw new LimitError(`nameLength at ${path}`, length, fieldLimits.nameLength);
  },
  { is: text.is, shape: text.shape },
);

/** An integer within bounds, both included. */
export function integerIn(min: number, max: number): PlainField<number> {
  return plain<number>(
    { type: "integer", min, max },
    `an integer from ${min} to ${max}`,
    (value) => Number.isSafeInteger(value) && min <= Number(value) && Number(value) <= max,
  );
}

const { MAX_SAFE_INTEGER: most } = Number;
export const integer = plain<number>(
  { type: "integer", min: -most, max: most },
  "an integer",
  (value) => Number.isSafeInteger(value),
);
export const count = integerIn(0, most);
export const byteCount = integerIn(0, fieldLimits.valueBytes);
export const slotCount = integerIn(0, fieldLimits.slots);
export const bytes = plain<Uint8Array>(
  { type: "bytes" },
  "bytes",
  (value) => value instanceof Uint8Array,
);

const isNumber = (value: unknown): boolean => typeof value === "bigint" || Number.isFinite(value);

/** A finite number within bounds; a large integer may arrive as a bigint. */
function numberIn(min: number, max: number): PlainField<number> {
  const is = (value: unknown): boolean =>
    isNumber(value) && min <= Number(value) && Number(value) <= max;
  const wanted = max === Number.MAX_VALUE ? "a finite number" : `a number from ${min} to ${max}`;
  const read = (value: unknown, path: string): number =>
    is(value) ? Number(value) : refuse(path, wanted, value);
  return Object.assign(read, { is, shape: { type: "number", min, max } as const });
}

export const number = numberIn(-Number.MAX_VALUE, Number.MAX_VALUE);
export const amount = numberIn(0, Number.MAX_VALUE);
export const seconds = numberIn(-fieldLimits.seconds, fieldLimits.seconds);

/** Our payload, or one that only Python can open. */
export const payload = plain<Serialized | Pickled>(
  { type: "payload" },
  "a payload",
  (value) => value instanceof Serialized || value instanceof Pickled,
);

export const serialized = plain<Serialized>(
  { type: "serialized" },
  "a serialized payload",
  (value) => value instanceof Serialized,
);

/** A task key; refused here when it cannot be one, so that cores never meet a bad key. */
export const key: Field<WireKey> = shaped({ type: "key" }, (value, path) => {
  if (value === null || value === undefined) refuse(path, "a task key", value);
  const { length } = typeof value === "string" ? value : taskKey(value);
  if (length > fieldLimits.keyLength) {
    throw new LimitError(`keyLength at ${path}`, length, fieldLimits.keyLength);
  }
  return value as WireKey;
});

/** dask sends sets, tuples and lists of keys for the same field. */
export function list<T>(item: Field<T>): Field<T[]> {
  return shaped({ type: "list", of: item.shape }, (value, path) => {
    if (!Array.isArray(value) && !(value instanceof Set)) refuse(path, "a list", value);
    const items: T[] = [];
    for (const one of value as Iterable<unknown>) items.push(item(one, `${path}[${items.length}]`));
    return items;
  });
}

export function mapOf<K, V>(keyField: Field<K>, valueField: Field<V>): Field<Map<K, V>> {
  const shape: Shape = { type: "map", key: keyField.shape, of: valueField.shape };
  return shaped(shape, (value, path) => {
    if (!(value instanceof Map)) refuse(path, "a map", value);
    const read = new Map<K, V>();
    for (const [k, v] of value as Map<unknown, unknown>) {
      read.set(keyField(k, `${path} key`), valueField(v, `${path} value`));
    }
    return read;
  });
}

export function record<F extends Fields>(fields: F): Field<Read<F>> {
  const read = compile(fields);
  return shaped({ type: "record", fields: shapesOf(fields) }, (value, path) => {
    if (!(value instanceof Map)) refuse(path, "a map", value);
    return read(value as Map<unknown, unknown>, {}, path) as Read<F>;
  });
}

export function literal<const T extends string>(...allowed: readonly T[]): PlainField<T> {
  return plain<T>({ type: "literal", allowed }, allowed.join(" or "), (value) =>
    allowed.includes(value as T),
  );
}

/** The first where it fits at a glance, else the second. */
export function either<A, B>(first: PlainField<A>, second: Field<B>): Field<A | B> {
  return shaped<A | B>(
    { type: "either", first: first.shape, second: second.shape },
    (value, path) => (first.is(value) ? first(value, path) : second(value, path)),
  );
}

/** The peer may send nil. */
export function nullable<T>(field: Field<T>): Field<T | null> {
  return shaped<T | null>({ type: "nullable", of: field.shape }, (value, path) =>
    value === null || value === undefined ? null : field(value, path),
  );
}

/** The peer may leave the field out (or send nil, which then reads as left out). */
export function optional<T>(field: Field<T>): OptionalField<T> {
  const read = (value: unknown, path: string): T | undefined =>
    value === null || value === undefined ? undefined : field(value, path);
  const shape: Shape = { type: "optional", of: field.shape };
  return Object.assign(read, { optional: true as const, shape });
}

function shapesOf(fields: Fields): Readonly<Record<string, Shape>> {
  return Object.fromEntries(Object.entries(fields).map(([name, { shape }]) => [name, shape]));
}

type Compiled = (map: Map<unknown, unknown>, into: Record<string, unknown>, at: string) => object;

function compile(fields: Fields): Compiled {
  const names = Object.keys(fields);
  const readers = names.map((name) => fields[name] as Field<unknown>);
  return (map, into, at) => {
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string;
      const read = (readers[i] as Field<unknown>)(
        map.get(name),
        at === "" ? name : `${at}.${name}`,
      );
      if (read !== undefined) into[name] = read;
    }
    return into;
  };
}

/** Turns decoded maps into the messages of one direction. */
export interface MessageReader<M> {
  /** @throws WireFormatError for a known op with bad fields, or a value that is no message */
  read(value: unknown): M | UnknownOp;
  readonly ops: readonly string[];
  /** What the fields of each op take. */
  readonly shapes: ReadonlyMap<string, Readonly<Record<string, Shape>>>;
}

/** A well-formed message whose op this side does not know: the shell logs it and goes on. */
export interface UnknownOp {
  op: null;
  name: string;
}

export function messageReader<S extends Schemas>(schemas: S): MessageReader<MessageOf<S>> {
  const table = new Map<unknown, Compiled>();
  for (const [op, fields] of Object.entries(schemas)) table.set(op, compile(fields));
  return {
    ops: Object.keys(schemas),
    shapes: new Map(Object.entries(schemas).map(([op, fields]) => [op, shapesOf(fields)])),
    read(value) {
      if (!(value instanceof Map)) refuse("message", "a map with an op", value);
      const map = value as Map<unknown, unknown>;
      const op = map.get("op");
      const compiled = table.get(op);
      if (compiled !== undefined) return compiled(map, { op }, "") as MessageOf<S>;
      return { op: null, name: text(op, "op") };
    },
  };
}
