// Reads a value document back into values. Plain arrays and objects are completed in place;
// everything shared is made once, as an empty shell first, so that cycles close by themselves.
// How functions are made is told from outside.

import { FunctionShipError } from "../ship-error.js";
import { SegmentReader } from "./decode-buffers.js";
import { openSpecial } from "./decode-special.js";
import { badDocument, type GraphDocument } from "./document.js";
import { type Container, type DocumentNode, mark, tag } from "./tags.js";

/** What reading a document may be told. */
export interface DecodeOptions {
  /** Gives the value behind the key of a remote value; without it such values are refused. */
  readonly resolveRef?: ((key: string) => unknown) | undefined;
  /**
   * True (default): buffers are private copies. False: large ones may alias the frames, which
   * must then stay unchanged; only for read-only use.
   */
  readonly copyBuffers?: boolean | undefined;
}

/** Makes the function or class of a table entry. */
export type FunctionMaker = (decoder: GraphDecoder, index: number, node: unknown[]) => unknown;

/** A value just made, and what completes it once others can already refer to it. */
export interface Opened {
  readonly value: unknown;
  readonly fill?: (() => void) | undefined;
}

const unmade = Symbol("unmade");

/** Reads one document. */
export class GraphDecoder {
  readonly options: DecodeOptions;
  readonly segments: SegmentReader;
  /** Per-task values for the item placeholders of a call template. */
  items: readonly unknown[] = [];
  readonly #document: GraphDocument;
  readonly #makeFunction: FunctionMaker;
  readonly #functions: ReadonlySet<number>;
  readonly #values: unknown[];
  readonly #queue: (() => void)[] = [];
  readonly #evaluating = new Map<number, ((made: unknown) => void)[]>();

  constructor(
    document: GraphDocument,
    frames: readonly Uint8Array[],
    options: DecodeOptions,
    makeFunction: FunctionMaker,
  ) {
    this.#document = document;
    this.options = options;
    this.segments = new SegmentReader(document.segments, frames, options.copyBuffers ?? true);
    this.#makeFunction = makeFunction;
    this.#functions = new Set(document.functions);
    this.#values = new Array(document.table.length).fill(unmade);
  }

  /** Reads the whole value. */
  run(): unknown {
    const value = this.decode(this.#document.root);
    this.drain();
    return value;
  }

  decode(node: DocumentNode): unknown {
    if (typeof node !== "object" || node === null) return node;
    if (Array.isArray(node) && node[0] === mark) {
      if (node[1] === tag.ref) return this.#shared(node[2]);
      const opened = openSpecial(this, node);
      opened.fill?.();
      return opened.value;
    }
    this.#complete(node as Container);
    return node;
  }

  /**
   * Decodes a node and hands it over, at once or, when it is a class still being evaluated,
   * as soon as that class exists.
   */
  assign(node: DocumentNode, put: (value: unknown) => void): void {
    const waiting = this.#waiting(node);
    if (waiting === undefined) put(this.decode(node));
    else waiting.push(put);
  }

  /** The function or class a node refers to, if it has already been made. */
  made(node: DocumentNode): unknown {
    if (!Array.isArray(node) || node[0] !== mark || node[1] !== tag.ref) return undefined;
    const value = this.#values[node[2]];
    return value === unmade ? undefined : value;
  }

  /** Puts off completing a value; `drain` does it. */
  later(fill: () => void): void {
    this.#queue.push(fill);
  }

  /** Completes every value that was put off. */
  drain(): void {
    for (let fill = this.#queue.pop(); fill !== undefined; fill = this.#queue.pop()) fill();
  }

  /** Runs the evaluation of a class; references to it meanwhile wait for its end. */
  evaluate(index: number, make: () => unknown): unknown {
    const waiters: ((made: unknown) => void)[] = [];
    this.#evaluating.set(index, waiters);
    const made = make();
    this.#evaluating.delete(index);
    this.#values[index] = made;
    for (const put of waiters) put(made);
    return made;
  }

  /** Announces the value of a table entry before it is complete. */
  announce(index: number, value: unknown): void {
    this.#values[index] = value;
  }

  #waiting(node: DocumentNode): ((made: unknown) => void)[] | undefined {
    if (this.#evaluating.size === 0 || !Array.isArray(node)) return undefined;
    if (node[0] !== mark || node[1] !== tag.ref) return undefined;
    return this.#evaluating.get(node[2]);
  }

  #shared(index: number): unknown {
    const known = this.#values[index];
    if (known !== unmade) {
      if (index in this.#values) return known;
      throw badDocument(`it has no table entry ${index}`);
    }
    if (this.#evaluating.has(index)) throw cyclicClass();
    const node = this.#document.table[index];
    if (this.#functions.has(index)) return this.#function(index, node as unknown[]);
    if (typeof node !== "object" || node === null) return node;
    if (Array.isArray(node) && node[0] === mark) {
      const opened = openSpecial(this, node);
      this.#values[index] = opened.value;
      if (opened.fill !== undefined) this.later(opened.fill);
      return opened.value;
    }
    this.#values[index] = node;
    this.later(() => this.#complete(node as Container));
    return node;
  }

  #function(index: number, node: unknown[]): unknown {
    const made = this.#makeFunction(this, index, node);
    this.#values[index] = made;
    return made;
  }

  #complete(container: Container): void {
    if (Array.isArray(container)) {
      for (let index = 0; index < container.length; index++) this.#child(container, index);
    } else for (const key of Object.keys(container)) this.#child(container, key);
  }

  #child(container: Container, key: string | number): void {
    const node = container[key];
    if (typeof node !== "object" || node === null) return;
    if (this.#evaluating.size === 0) container[key] = this.decode(node);
    else {
      this.assign(node, (value) => {
        container[key] = value;
      });
    }
  }
}

function cyclicClass(): FunctionShipError {
  return new FunctionShipError("CYCLIC_CLASS", {
    what: "a class needs itself, through captured data, before it is evaluated",
    hint: "export the class from a module, so that it is imported instead",
  });
}
