// What a pickle says, as a tree of plain data: nothing in it was executed, and whatever Python would
// make by calling something stays a note of what it would call. Values are made of it elsewhere.

/**
 * One value of a pickle. `null` is None, a number or bigint an int or float, bytes a `bytes` or
 * `bytearray`, an array a list, a Map a dict and a Set a set. A Map may have keys that are equal only in Python's
 * eyes, such as two tuples.
 */
export type PickleNode =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleNode[]
  | Map<PickleNode, PickleNode>
  | Set<PickleNode>
  | PyFloat
  | PyTuple
  | PyFrozenSet
  | PyGlobal
  | PyObject
  | PyBuffer;

/** A float that is to stay one although it is a whole number. Written only: a float is read as a number. */
export class PyFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** A tuple. */
export class PyTuple {
  readonly items: readonly PickleNode[];

  constructor(items: readonly PickleNode[]) {
    this.items = items;
  }

  /** A tuple of these items. */
  static of(...items: readonly PickleNode[]): PyTuple {
    return new PyTuple(items);
  }
}

/** A frozenset. */
export class PyFrozenSet {
  readonly items: readonly PickleNode[];

  constructor(items: readonly PickleNode[]) {
    this.items = items;
  }
}

/** Something that Python finds by importing a module: a class, a function, a builtin. */
export class PyGlobal {
  readonly module: string;
  /** Name inside the module; dots lead into classes. */
  readonly name: string;

  constructor(module: string, name: string) {
    this.module = module;
    this.name = name;
  }

  /** True if it is this name of this module. */
  is(module: string, name: string): boolean {
    return this.name === name && this.module === module;
  }
}

/** What goes into a {@link PyObject}. */
export interface PyObjectParts {
  readonly kwargs?: ReadonlyMap<PickleNode, PickleNode> | null | undefined;
  readonly state?: PickleNode | undefined;
}

/**
 * Something that Python makes by a call, or by `cls.__new__` and a state: an instance of a class, a
 * function, an exception.
 */
export class PyObject {
  /** `"call"`: `callable(*args)`; `"new"`: `callable.__new__(callable, *args, **kwargs)`. */
  readonly made: "call" | "new";
  /** Nearly always a {@link PyGlobal}. */
  readonly callable: PickleNode;
  readonly args: readonly PickleNode[];
  readonly kwargs: ReadonlyMap<PickleNode, PickleNode> | null;
  /** What `__setstate__` gets; undefined if there is none. */
  state: PickleNode | undefined;
  /** What is appended or added to it, if it is a list or set of its own class. */
  items: PickleNode[] | null = null;
  /** What is set on it, if it is a dict of its own class. */
  entries: Map<PickleNode, PickleNode> | null = null;

  constructor(
    made: "call" | "new",
    callable: PickleNode,
    args: readonly PickleNode[],
    parts: PyObjectParts = {},
  ) {
    this.made = made;
    this.callable = callable;
    this.args = args;
    this.kwargs = parts.kwargs ?? null;
    this.state = parts.state;
  }

  /** The global that makes it; undefined where that is something made itself. */
  get maker(): PyGlobal | undefined {
    return this.callable instanceof PyGlobal ? this.callable : undefined;
  }

  /** True if this name of this module makes it. */
  isMadeBy(module: string, name: string): boolean {
    return this.callable instanceof PyGlobal && this.callable.is(module, name);
  }
}

/** Memory that is written beside the pickle where that is allowed. Read, it is a Uint8Array. */
export class PyBuffer {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** `module.name`, to be written. */
export function pyGlobal(module: string, name: string): PyGlobal {
  return new PyGlobal(module, name);
}

/**
 * The call of something that Python imports, to be written.
 *
 * @example
 * ```ts
 * writePickle(pyCall("builtins", "range", 10)); // arrives as range(10)
 * ```
 */
export function pyCall(module: string, name: string, ...args: readonly PickleNode[]): PyObject {
  return new PyObject("call", new PyGlobal(module, name), args);
}
