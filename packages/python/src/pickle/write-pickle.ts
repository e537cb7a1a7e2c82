// Writes pickles of protocol 5. What was written before is remembered and named again, as Python
// does it, so that shared and cyclic values stay so and names are written once.
import { LimitError } from "@acme/protocol";
import { ByteSink } from "./byte-sink.js";
import {
  type PickleNode,
  PyBuffer,
  PyFloat,
  PyFrozenSet,
  PyGlobal,
  PyObject,
  PyTuple,
} from "./nodes.js";
import { opcodes as op } from "./opcodes.js";
import { PythonValueError } from "./pickle-errors.js";
import { pickleLimits } from "./pickle-limits.js";
import { writeBytes, writeInteger, writeNumber, writeText } from "./write-scalars.js";

/** A pickle and the memory beside it. */
export interface Pickle {
  readonly bytes: Uint8Array;
  /** Out-of-band buffers in the order in which the pickle asks for them. */
  readonly buffers: readonly Uint8Array[];
}

export interface PickleOptions {
  /**
   * Gives what to write for a value that is no {@link PickleNode}. Called once per object.
   *
   * @throws PythonValueError if there is nothing
   */
  readonly convert?: ((value: unknown) => PickleNode) | undefined;
  /** Bytes from which a {@link PyBuffer} goes beside the pickle; default: never. */
  readonly outOfBandBytes?: number | undefined;
}

/**
 * Writes a pickle.
 *
 * @param node - what it says
 * @throws PythonValueError for what has no form; LimitError beyond `pickleLimits.depth`
 * @example
 * ```ts
 * const { bytes } = writePickle(new Map([["x", PyTuple.of(1, 2.5, null)]])); // {"x": (1, 2.5, None)}
 * ```
 */
export function writePickle(node: PickleNode, options: PickleOptions = {}): Pickle {
  const writer = new PickleWriter(options);
  writer.begin();
  writer.write(node);
  return writer.finish();
}

/** Strings between these lengths are remembered: names that come again, not texts. */
const rememberedText = { min: 4, max: 64 };

/** Items per opcode, as Python writes them. */
const batchItems = 1000;

/** Writes a pickle bit by bit; for those who put pickles together from parts. */
export class PickleWriter {
  readonly #sink = new ByteSink();
  readonly #options: PickleOptions;
  readonly #memo = new Map<unknown, number>();
  #memoized = 0;
  readonly #conversions = new Map<unknown, PickleNode>();
  readonly #buffers: Uint8Array[] = [];
  #depth = 0;
  #sinceCheckpoint: { readonly memoized: number; readonly added: unknown[] } | undefined;

  constructor(options: PickleOptions = {}) {
    this.#options = options;
  }

  /** The opcode that a pickle begins with. */
  begin(): void {
    this.#sink.u8(op.PROTO);
    this.#sink.u8(5);
  }

  /** The opcode that ends it, and all of it. */
  finish(): Pickle {
    this.#sink.u8(op.STOP);
    return this.take();
  }

  /** What was written since the last call. */
  take(): Pickle {
    return { bytes: this.#sink.take(), buffers: this.#buffers.splice(0) };
  }

  /** What is remembered now stays so; what is remembered from now on goes with `rollback()`. */
  checkpoint(): void {
    this.#sinceCheckpoint = { memoized: this.#memoized, added: [] };
  }

  /** Forgets what was remembered since the checkpoint. */
  rollback(): void {
    const since = this.#sinceCheckpoint;
    if (since === undefined) return;
    for (const what of since.added) {
      this.#memo.delete(what);
      this.#conversions.delete(what);
    }
    since.added.length = 0;
    this.#memoized = since.memoized;
  }

  /** Writes one opcode alone. */
  opcode(code: number): void {
    this.#sink.u8(code);
  }

  /** Writes one value. */
  write(node: unknown): void {
    if (typeof node === "string") this.#text(node);
    else if (typeof node === "number") writeNumber(this.#sink, node);
    else if (typeof node === "boolean") this.#sink.u8(node ? op.NEWTRUE : op.NEWFALSE);
    else if (node === null || node === undefined) this.#sink.u8(op.NONE);
    else if (typeof node === "bigint") writeInteger(this.#sink, node);
    else if (typeof node !== "object") this.#converted(node);
    else if (!this.#remembered(node)) this.#object(node);
  }

  #object(node: object): void {
    this.#depth += 1;
    if (this.#depth > pickleLimits.depth) {
      throw new LimitError("depth", this.#depth, pickleLimits.depth);
    }
    if (Array.isArray(node)) this.#list(node);
    else if (node instanceof PyGlobal) this.#global(node);
    else if (node instanceof PyTuple) this.#tuple(node);
    else if (node instanceof Map) this.#dict(node);
    else if (node instanceof PyObject) this.#made(node);
    else if (node instanceof Set) this.#set(node);
    else if (node instanceof PyBuffer) this.#buffer(node);
    else if (node instanceof PyFloat) this.#float(node);
    else if (node instanceof PyFrozenSet) this.#frozenSet(node);
    else if (isPlainBytes(node, this.#options)) writeBytes(this.#sink, node);
    else this.#converted(node);
    this.#depth -= 1;
  }

  #text(text: string): void {
    const isName = text.length >= rememberedText.min && text.length <= rememberedText.max;
    if (isName && this.#remembered(text)) return;
    writeText(this.#sink, text);
    if (isName) this.#remember(text);
  }

  #global(node: PyGlobal): void {
    const name = `\0${node.module}:${node.name}`;
    if (this.#remembered(name)) return;
    this.#text(node.module);
    this.#text(node.name);
    this.#sink.u8(op.STACK_GLOBAL);
    this.#remember(name);
  }

  #list(items: readonly unknown[]): void {
    this.#sink.u8(op.EMPTY_LIST);
    this.#remember(items);
    this.#items(items, op.APPENDS);
  }

  #set(items: ReadonlySet<unknown>): void {
    this.#sink.u8(op.EMPTY_SET);
    this.#remember(items);
    this.#items([...items], op.ADDITEMS);
  }

  #items(items: readonly unknown[], opcode: number): void {
    for (let from = 0; from < items.length; from += batchItems) {
      this.#sink.u8(op.MARK);
      const to = Math.min(items.length, from + batchItems);
      for (let i = from; i < to; i++) this.write(items[i]);
      this.#sink.u8(opcode);
    }
  }

  #dict(entries: ReadonlyMap<unknown, unknown>): void {
    this.#sink.u8(op.EMPTY_DICT);
    this.#remember(entries);
    this.#entries(entries);
  }

  #entries(entries: ReadonlyMap<unknown, unknown>): void {
    let open = 0;
    for (const [key, value] of entries) {
      if (open === 0) this.#sink.u8(op.MARK);
      this.write(key);
      this.write(value);
      open += 1;
      if (open < batchItems) continue;
      this.#sink.u8(op.SETITEMS);
      open = 0;
    }
    if (open > 0) this.#sink.u8(op.SETITEMS);
  }

  #tuple(tuple: PyTuple): void {
    this.#arguments(tuple.items);
    if (tuple.items.length > 0) this.#remember(tuple);
  }

  /** The items of a tuple, and the tuple. */
  #arguments(items: readonly unknown[]): void {
    const short = [op.EMPTY_TUPLE, op.TUPLE1, op.TUPLE2, op.TUPLE3][items.length];
    if (short === undefined) this.#sink.u8(op.MARK);
    for (const item of items) this.write(item);
    this.#sink.u8(short ?? op.TUPLE);
  }

  #frozenSet(set: PyFrozenSet): void {
    this.#sink.u8(op.MARK);
    for (const item of set.items) this.write(item);
    this.#sink.u8(op.FROZENSET);
    this.#remember(set);
  }

  #made(node: PyObject): void {
    if (node.kwargs !== null && node.made === "call") {
      throw new PythonValueError("a pickle calls without keyword arguments: use functools.partial");
    }
    this.write(node.callable);
    this.#arguments(node.args);
    if (node.kwargs !== null) this.write(node.kwargs);
    if (node.made === "call") this.#sink.u8(op.REDUCE);
    else this.#sink.u8(node.kwargs === null ? op.NEWOBJ : op.NEWOBJ_EX);
    this.#remember(node);
    if (node.items !== null) this.#items(node.items, op.APPENDS);
    if (node.entries !== null) this.#entries(node.entries);
    if (node.state === undefined) return;
    this.write(node.state);
    this.#sink.u8(op.BUILD);
  }

  #buffer(node: PyBuffer): void {
    const { bytes } = node;
    if (bytes.length >= (this.#options.outOfBandBytes ?? Number.POSITIVE_INFINITY)) {
      this.#sink.u8(op.NEXT_BUFFER);
      this.#buffers.push(bytes);
    } else {
      this.#sink.u8(op.BYTEARRAY8);
      this.#sink.u64(bytes.length);
      this.#sink.bytes(bytes);
    }
    this.#remember(node);
  }

  #float(node: PyFloat): void {
    this.#sink.u8(op.BINFLOAT);
    this.#sink.f64(node.value);
  }

  #converted(value: unknown): void {
    const { convert } = this.#options;
    if (convert === undefined) {
      throw new PythonValueError(`a ${typeof value} has no form in a pickle`);
    }
    const node = this.#conversions.get(value) ?? convert(value);
    // Once per object, so that what is shared stays shared and a circle comes to an end.
    if (typeof value === "object" && !this.#conversions.has(value)) {
      this.#conversions.set(value, node);
      this.#sinceCheckpoint?.added.push(value);
    }
    this.write(node);
  }

  #remembered(what: unknown): boolean {
    const index = this.#memo.get(what);
    if (index === undefined) return false;
    if (index < 256) {
      this.#sink.u8(op.BINGET);
      this.#sink.u8(index);
    } else {
      this.#sink.u8(op.LONG_BINGET);
      this.#sink.u32(index);
    }
    return true;
  }

  #remember(what: unknown): void {
    this.#memo.set(what, this.#memoized);
    this.#sinceCheckpoint?.added.push(what);
    this.#memoized += 1;
    this.#sink.u8(op.MEMOIZE);
  }
}

/** With a converter every view is its business: bytes and arrays are told apart there. */
function isPlainBytes(node: object, options: PickleOptions): node is Uint8Array {
  return node instanceof Uint8Array && (options.convert === undefined || Buffer.isBuffer(node));
}
