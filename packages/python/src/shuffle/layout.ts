// What to ask a Python worker so that it lays out a P2P shuffle, and its answer. The specs of the
// user's data stay pickled. Must not know when a shuffle is laid out, or who asked for it.
import { decodeMessage, encodeMessage, isAcmeError, Pickled } from "@acme/protocol";
import { PythonError } from "../errors.js";
import type { RunFields } from "../materialize/unfold-call.js";
import { pyCall } from "../pickle/nodes.js";
import { writePickle } from "../pickle/write-pickle.js";
import { programExpression } from "../texts/program-expression.js";

/** A shuffle that needs a layout. */
export interface UnplacedShuffle {
  /** Run spec of its barrier task. */
  readonly barrier: Pickled;
  readonly runId: number;
  /** Addresses in the order in which they get partitions. */
  readonly workers: readonly string[];
  /** Places of the partitions of shuffles that share its outputs, as {@link PlacedShuffle} has them. */
  readonly aligned: readonly Uint8Array[];
}

export interface PlacedShuffle {
  /** What every worker makes its part of it from. */
  readonly runSpec: Pickled;
  readonly workerFor: Uint8Array;
  /** Workers that have a partition. */
  readonly participants: string[];
}

let answer: Uint8Array | undefined;

/** The question as fields of a `run` request. */
export function layoutFields({ barrier, runId, workers, aligned }: UnplacedShuffle): RunFields {
  answer ??= writePickle(pyCall("builtins", "eval", programExpression("shuffle", "answer"))).bytes;
  const frames = encodeMessage({ barrier, workers, aligned, run_id: runId } as object);
  const kwargs = writePickle(new Map([["frames", frames.map(contiguous)]])).bytes;
  return { op: "run", function: answer, kwargs, wait: true };
}

// A Buffer is written as what it is: bytes.
const contiguous = ({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/**
 * Reads the answer.
 *
 * @throws PythonError if it makes no sense
 */
export function readLayout(bytes: Uint8Array): PlacedShuffle | { error: string } {
  const read = document(bytes);
  const error = read.get("error");
  if (typeof error === "string") return { error };
  const runSpec = read.get("run_spec");
  const workerFor = read.get("worker_for");
  const participants = read.get("participants");
  const isWhole =
    runSpec instanceof Uint8Array &&
    workerFor instanceof Uint8Array &&
    Array.isArray(participants) &&
    participants.every((one) => typeof one === "string");
  if (!isWhole) throw malformed("something is missing");
  return { runSpec: Pickled.of(runSpec), workerFor: workerFor.slice(), participants };
}

function document(bytes: Uint8Array): ReadonlyMap<unknown, unknown> {
  let value: unknown;
  try {
    value = decodeMessage([bytes]);
  } catch (cause) {
    if (!isAcmeError(cause)) throw cause;
    throw malformed(cause.message, cause);
  }
  if (value instanceof Map) return value;
  throw malformed("it is no map");
}

function malformed(why: string, cause?: unknown): PythonError {
  return new PythonError("PYTHON_FAILED", `Python's layout of a shuffle is of no use: ${why}`, {
    cause,
  });
}
