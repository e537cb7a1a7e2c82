// How a decoded message becomes a typed object: one reader per field, one schema per op.
// Readers check and convert; they never keep a Map that a hostile peer could have shaped. This
// room knows no op by name. Outgoing messages are plain objects of the same types.
import { WireFormatError } from "../errors.js";
import { taskKey, type WireKey } from "../key.js";
import { Pickled, Serialized } from "../serialized.js";

/** Reads one field of a decoded message, or throws WireFormatError naming the path. */
export type Field<T> = (value: unknown, path: string) => T;

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

export const anything: Field<unknown> = (value) => value;

/** A field whose values are told apart by one look, so that alternatives need no trying. */
export interface PlainField<T> extends Field<T> {
  readonly is: (value: unknown) => boolean;
}

function plain<T>(wanted: string, is: (value: unknown) => boolean): PlainField<T> {
  const read = (value: unknown, path: string): T =>
    is(value) ? (value as T) : refuse(path, wanted, value);
  return Object.assign(read, { is });
}

export const text = plain<string>("a string", (value) => typeof value === "string");
export const bool = plain<boolean>("a boolean", (value) => typeof value === "boolean");
export const integer = plain<number>("an integer", (value) => Number.isSafeInteger(value));
export const bytes = plain<Uint8Array>("bytes", (value) => value instanceof Uint8Array);

/** Any number; a large integer may arrive as a bigint. */
export const number: PlainField<number> = Object.assign(
  (value: unknown, path: string): number => {
    if (typeof value === "number") return value;
    return typeof value === "bigint" ? Number(value) : refuse(path, "a number", value);
  },
  { is: (value: unknown) => typeof value === "number" || typeof value === "bigint" },
);

/** Our payload, or one that only Python can open. */
export const payload = plain<Serialized | Pickled>(
  "a payload",
  (value) => value instanceof Serialized || value instanceof Pickled,
);

export const serialized = plain<Serialized>(
  "a serialized payload",
  (value) => value instanceof Serialized,
);

/** A task key; refused here when it cannot be one, so that cores never meet a bad key. */
export const key: Field<WireKey> = (value, path) => {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) refuse(path, "a task key", value);
  taskKey(value);
  return value as WireKey;
};

/** dask sends sets, tuples and lists of keys for the same field. */
export function list<T>(item: Field<T>): Field<T[]> {
  return (value, path) => {
    if (!Array.isArray(value) && !(value instanceof Set)) refuse(path, "a list", value);
    const items: T[] = [];
    for (const one of value as Iterable<unknown>) items.push(item(one, `${path}[${items.length}]`));
    return items;
  };
}

export function mapOf<K, V>(keyField: Field<K>, valueField: Field<V>): Field<Map<K, V>> {
  return (value, path) => {
    if (!(value instanceof Map)) refuse(path, "a map", value);
    const read = new Map<K, V>();
    for (const [k, v] of value as Map<unknown, unknown>) {
      read.set(keyField(k, `${path} key`), valueField(v, `${path} value`));
    }
    return read;
  };
}

export function record<F extends Fields>(fields: F): Field<Read<F>> {
  const read = compile(fields);
  return (value, path) => {
    if (!(value instanceof Map)) refuse(path, "a map", value);
    return read(value as Map<unknown, unknown>, {}, path) as Read<F>;
  };
}

export function literal<const T extends string>(...allowed: readonly T[]): PlainField<T> {
  return plain<T>(allowed.join(" or "), (value) => allowed.includes(value as T));
}

/** The first where it fits at a glance, else the second. */
export function either<A, B>(first: PlainField<A>, second: Field<B>): Field<A | B> {
  return (value, path) => (first.is(value) ? first(value, path) : second(value, path));
}

/** The peer may send nil. */
export function nullable<T>(field: Field<T>): Field<T | null> {
  return (value, path) => (value === null || value === undefined ? null : field(value, path));
}

/** The peer may leave the field out (or send nil, which then reads as left out). */
export function optional<T>(field: Field<T>): OptionalField<T> {
  const read = (value: unknown, path: string): T | undefined =>
    value === null || value === undefined ? undefined : field(value, path);
  return Object.assign(read, { optional: true as const });
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
