// What to ask Python so that it unfolds a graph: frames for whoever speaks to it directly, and the
// fields of dask's request `run`, whose function and arguments are pickles. Opens nothing.
import { encodeMessage, type Pickled, type Serialized, type WireKey } from "@acme/protocol";
import { programExpression } from "../texts/program-expression.js";

/** What of a client's `update-graph` decides what its tasks are. */
export interface FoldedGraph {
  readonly expr_ser?: Serialized | Pickled | undefined;
  readonly keys: readonly WireKey[];
  readonly internal_priority?: ReadonlyMap<WireKey, number> | undefined;
  readonly annotations?: unknown;
}

/** The first question about a graph, or one for more of it. */
export type UnfoldQuestion =
  | { readonly frames: readonly Uint8Array[] }
  | { readonly token: number };

/** Fields of a `run` request that makes a worker answer one question. */
export interface RunFields {
  readonly op: "run";
  readonly function: Uint8Array;
  readonly kwargs: Uint8Array;
  readonly wait: true;
}

/** The first question about a graph; nothing that was received is copied. */
export function unfoldQuestion(graph: FoldedGraph): UnfoldQuestion {
  const { expr_ser, keys, internal_priority, annotations } = graph;
  return {
    frames: encodeMessage({
      expr_ser: expr_ser ?? null,
      keys,
      internal_priority: internal_priority ?? null,
      annotations: annotations ?? null,
    } as object),
  };
}

/** The same question as a request that an unmodified dask worker answers. */
export function runFields(question: UnfoldQuestion): RunFields {
  return { op: "run", function: stepFunction(), kwargs: keywords(question), wait: true };
}

let step: Uint8Array | undefined;

/** A pickle of `builtins.eval` called with a text whose value is the function. */
function stepFunction(): Uint8Array {
  step ??= pickle((out) => {
    out.push(
      Buffer.from("cbuiltins\neval\n"),
      text(programExpression("materialize", "step")),
      opcodes(0x85, 0x52),
    );
  });
  return step;
}

function keywords(question: UnfoldQuestion): Uint8Array {
  return pickle((out) => {
    out.push(opcodes(0x7d));
    if ("token" in question) out.push(text("token"), integer(question.token));
    else out.push(text("frames"), opcodes(0x5d, 0x28), ...question.frames.flatMap(bytes));
    if ("frames" in question) out.push(opcodes(0x65));
    out.push(opcodes(0x73));
  });
}

function pickle(write: (out: Uint8Array[]) => void): Uint8Array {
  const out: Uint8Array[] = [opcodes(0x80, 4)];
  write(out);
  out.push(opcodes(0x2e));
  return Buffer.concat(out);
}

const opcodes = (...codes: number[]): Uint8Array => Uint8Array.from(codes);

function sized(code: number, length: number): Uint8Array {
  const head = Buffer.alloc(9);
  head[0] = code;
  head.writeBigUInt64LE(BigInt(length), 1);
  return head;
}

/** BINUNICODE8, BINBYTES8: one form for all lengths. */
function text(value: string): Uint8Array {
  const encoded = Buffer.from(value);
  return Buffer.concat([sized(0x8d, encoded.byteLength), encoded]);
}

const bytes = (value: Uint8Array): Uint8Array[] => [sized(0x8e, value.byteLength), value];

function integer(value: number): Uint8Array {
  const out = Buffer.alloc(10);
  out[0] = 0x8a;
  out[1] = 8;
  out.writeBigInt64LE(BigInt(value), 2);
  return out;
}
