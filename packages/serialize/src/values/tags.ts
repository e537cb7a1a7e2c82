// The vocabulary of the value document: what each special node means.
// A document is plain msgpack. `[0, value]` holds data that msgpack keeps exactly; in
// `[1, root, table, functions, segments]` every special node is `[mark, tag, ...fields]`.

/** First element of every special node; ordinary arrays that start with it are escaped. */
export const mark = "\u0000";

/** The two shapes of a document. */
export const shape = { plain: 0, graph: 1 } as const;

/** Tags of special nodes; the numbers are on the wire, never reuse one. */
export const tag = {
  /** [index]: an entry of the table, for shared, cyclic or deep parts and for functions. */
  ref: 0,
  /** [...items]: an ordinary array whose first item looks like the mark. */
  array: 1,
  /** [length, index, value, ...] */
  sparse: 2,
  /** [whether it has no prototype, bag]: an object with unusual keys or no prototype. */
  object: 3,
  negativeZero: 5,
  /** [hexadecimal text] */
  bigint: 6,
  /** [UTF-16 little-endian bytes]: text that is not well-formed Unicode. */
  text: 7,
  /** [key]: Symbol.for(key) */
  symbol: 8,
  /** [milliseconds] */
  date: 9,
  /** [source, flags, lastIndex] */
  regexp: 10,
  /** [key, value, ...] */
  map: 11,
  /** [...values] */
  set: 12,
  /** [type name, segment, offset, length] */
  view: 13,
  /** [segment, offset, length] */
  arrayBuffer: 14,
  /** [constructor name, bag] */
  error: 15,
  /** [primitive node] */
  boxed: 16,
  /** [href] */
  url: 17,
  /** [query text] */
  searchParams: 18,
  /** [base node, class or prototype node or null, bag]: a built-in with a subclass or own properties. */
  extended: 19,
  /** [class or prototype node, bag] */
  instance: 20,
  /** [key]: a value that lives elsewhere, such as a future. */
  remote: 21,
  /** [n]: the n-th per-task value of a call template. */
  item: 22,
  /** [path]: reached from the global object. */
  global: 23,
  /** [module, path] */
  builtin: 24,
  /** [record]: an export of an importable module. */
  moduleRef: 25,
  /** [record]: source text and captured values. */
  source: 26,
  /** [target, this, ...arguments] */
  bound: 27,
  /** [key, factory node] */
  perWorker: 28,
  /** [function node]: a constant made again by calling its initialiser. */
  recreate: 29,
  /** [decoder node, data node]: see registerClass. */
  custom: 30,
} as const;

/** A node of a document: any plain msgpack value. */
export type DocumentNode = unknown;

/** Something whose slots nodes are written into while a document is built or read. */
export type Container = Record<string | number, unknown>;
