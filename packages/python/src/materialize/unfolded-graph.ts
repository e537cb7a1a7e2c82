// Python's answers about a graph, read: columns for all tasks, and slabs of run specs that stay
// pickled. Nothing of a user is opened. Corresponds to the answers that materialize.py makes.
import {
  decodeMessage,
  isAcmeError,
  Pickled,
  patchBytes,
  type TaskKey,
  taskKey,
  type WireKey,
} from "@acme/protocol";
import { PythonError } from "../errors.js";
import { splitPieces } from "./pieces.js";

/** Run specs of some tasks that follow each other, each a header of a `Pickled` payload. */
export interface SpecSlab {
  /** One more than there are tasks. */
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
  /** Which headers are patches of which, as `PatchedBytes` has it; null: all are whole. */
  readonly references: Uint32Array | null;
  /** Large buffers of a task, by its place in the slab. */
  readonly buffers: ReadonlyMap<number, readonly Uint8Array[]> | null;
}

/** All that is known of the tasks of a graph, column by column. */
export interface UnfoldedGraph {
  readonly keys: TaskKey[];
  /** Keys outside of the graph that it depends on. */
  readonly externals: TaskKey[];
  /** Dependencies by index: below `keys.length` keys, above externals. */
  readonly rows: { readonly offsets: Uint32Array; readonly indices: Uint32Array } | null;
  /** Place of each task when they run one by one; null: as they stand. */
  readonly ranks: Uint32Array | null;
  /** 1 where a task makes data out of nothing. */
  readonly producers: Uint8Array | null;
  /** 1 where a task calls functions of JavaScript; null: none does. */
  readonly javascript: Uint8Array | null;
  readonly annotations: readonly ReadonlyMap<string, unknown>[];
  /** Which annotations a task has, −1: none; null: none has any. */
  readonly annotationOf: Int32Array | null;
  readonly slabs: SpecSlab[];
}

/** Python could not unfold it: its exception as text, and as Python would send it to a client. */
export interface UnfoldFailure {
  readonly error: string;
  readonly exception: Uint8Array;
  readonly traceback: Uint8Array | null;
}

type Document = ReadonlyMap<string, unknown>;

/** Collects the answers about one graph. */
export class UnfoldedReader {
  #columns: Omit<UnfoldedGraph, "slabs"> | undefined;
  #token = 0;
  #tasks = 0;
  readonly #slabs: SpecSlab[] = [];
  readonly #buffers: Uint8Array[] = [];

  /**
   * Takes one answer.
   *
   * @returns the graph or why there is none, or the token to ask with for more of it
   * @throws PythonError if the answer makes no sense, or Python has lost the graph meanwhile
   */
  take(answer: Uint8Array): UnfoldedGraph | UnfoldFailure | { readonly token: number } {
    try {
      return this.#take(splitPieces(answer));
    } catch (cause) {
      if (cause instanceof PythonError || !isAcmeError(cause)) throw cause;
      throw malformed(cause.message, cause);
    }
  }

  #take(pieces: Uint8Array[]): UnfoldedGraph | UnfoldFailure | { readonly token: number } {
    const first = document(pieces[0]);
    if (first.has("error")) return failureOf(first);
    if (first.has("gone")) throw malformed("it has forgotten the graph");
    if (this.#columns === undefined) {
      this.#columns = columnsOf(first);
      this.#token = Number(first.get("token"));
      pieces.shift();
    }
    const about = document(pieces[0]);
    this.#addSlab(about, pieces.slice(1));
    if (about.get("done") !== true) return { token: this.#token };
    const { keys } = this.#columns;
    if (this.#tasks !== keys.length) throw malformed("it has more keys than run specs");
    return { ...this.#columns, slabs: this.#slabs };
  }

  #addSlab(about: Document, [offsetBytes, bytes, ...fresh]: Uint8Array[]): void {
    if (offsetBytes === undefined || bytes === undefined) throw malformed("a slab lacks pieces");
    const offsets = words(offsetBytes);
    const count = offsets.length - 1;
    for (let i = 0; i < count; i++) {
      if ((offsets[i + 1] as number) < (offsets[i] as number)) throw malformed("offsets go back");
    }
    if (count < 0 || (offsets[count] as number) > bytes.byteLength) {
      throw malformed("a slab is shorter than its offsets say");
    }
    // Answers are as long as one is asked for, slabs as long as a task lives.
    this.#buffers.push(...fresh.map(owned));
    const buffers = this.#buffersOf(about.get("buffers_of"));
    this.#slabs.push({ ...patchBytes(offsets, bytes), buffers });
    this.#tasks += count;
  }

  #buffersOf(wanted: unknown): SpecSlab["buffers"] {
    if (!(wanted instanceof Map) || wanted.size === 0) return null;
    const found = new Map<number, Uint8Array[]>();
    for (const [at, numbers] of wanted as Map<number, number[]>) {
      const buffers = numbers.map((number) => this.#buffers[number]);
      if (buffers.includes(undefined)) throw malformed("a buffer is missing");
      found.set(Number(at), buffers as Uint8Array[]);
    }
    return found;
  }
}

function columnsOf(first: Document): Omit<UnfoldedGraph, "slabs"> {
  const keys = (first.get("keys") as WireKey[]).map((key) => taskKey(key));
  const externals = (first.get("external") as WireKey[]).map((key) => taskKey(key));
  const offsets = column(first, "offsets", (bytes) => words(bytes), keys.length + 1);
  const indices = column(first, "indices", (bytes) => words(bytes));
  if (indices?.some((index) => index >= keys.length + externals.length)) {
    throw malformed("a task depends on a key that is not named");
  }
  const annotations = (first.get("annotations") as Uint8Array[]).map(annotationsOf);
  return {
    keys,
    externals,
    rows: offsets === null || indices === null ? null : { offsets, indices },
    ranks: column(first, "ranks", (bytes) => words(bytes), keys.length),
    producers: column(first, "producers", (bytes) => bytes, keys.length),
    javascript: column(first, "javascript", (bytes) => bytes, keys.length),
    annotations,
    annotationOf: column(
      first,
      "annotation_of",
      (bytes) => new Int32Array(words(bytes).buffer),
      keys.length,
    ),
  };
}

function column<T extends { readonly length: number }>(
  from: Document,
  name: string,
  read: (bytes: Uint8Array) => T,
  length?: number,
): T | null {
  const bytes = from.get(name);
  if (!(bytes instanceof Uint8Array)) return null;
  const values = read(bytes);
  if (length !== undefined && values.length !== length) {
    throw malformed(`${name} has ${values.length} entries for ${length}`);
  }
  return values;
}

/** A copy; `slice` of a Buffer would be none. */
const owned = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes);

/** Little-endian words in memory of their own. */
function words(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(owned(bytes.subarray(0, bytes.byteLength & ~3)).buffer);
}

/** What msgpack could not say comes as a pickle, and goes on as one. */
function annotationsOf(packed: Uint8Array): ReadonlyMap<string, unknown> {
  return withPickles(document(packed)) as ReadonlyMap<string, unknown>;
}

function withPickles(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withPickles);
  if (!(value instanceof Map)) return value;
  const pickle = value.get("__acme_pickle__");
  if (pickle instanceof Uint8Array) return Pickled.of(pickle);
  return new Map(Array.from(value, ([key, one]) => [key, withPickles(one)]));
}

function document(bytes: Uint8Array | undefined): Document {
  const value = bytes === undefined ? null : decodeMessage([bytes]);
  if (value instanceof Map) return value as unknown as Document;
  throw malformed("a piece of it is no map");
}

function failureOf(from: Document): UnfoldFailure {
  const exception = from.get("exception");
  const traceback = from.get("traceback");
  if (!(exception instanceof Uint8Array)) throw malformed("an error comes without its exception");
  return {
    error: String(from.get("error")),
    exception,
    traceback: traceback instanceof Uint8Array ? traceback : null,
  };
}

function malformed(why: string, cause?: unknown): PythonError {
  return new PythonError("PYTHON_FAILED", `Python's answer about a graph is of no use: ${why}`, {
    cause,
  });
}
