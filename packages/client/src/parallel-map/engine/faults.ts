// What the errors of calls mean for the map: whether another attempt makes sense, whether memory was
// missing, and where it happened.
import { decodeError } from "@acme/serialize";
import type { Client } from "../../client.js";
import { KilledWorker } from "../../errors.js";
import type { CallFailure, Whereabouts } from "../calls/run-each.js";
import type { Fault } from "../core/index.js";

/** The error of a call, and where it ran as far as is known. */
export interface FailedCall extends Whereabouts {
  readonly error: Error;
  readonly logTail: string;
}

/** The function gives the same again, and it is wrong again. */
const finalCodes: readonly unknown[] = ["RESULT_SHAPE", "RESULT_VALUE"];

/** A call that told of its failure itself. */
export function faultOfCall(failure: CallFailure, where: Whereabouts): Fault {
  const error = decodeError(failure.error);
  const isRetryable = !finalCodes.includes((error as { code?: unknown }).code);
  const payload: FailedCall = { error, logTail: failure.logTail, ...where };
  return { isRetryable, outOfMemory: null, payload };
}

/** A task that could not tell anything. */
export async function faultOfTask(client: Client, error: Error): Promise<Fault> {
  const worker = error instanceof KilledWorker ? error.lastWorker : "";
  const payload: FailedCall = { error, worker, host: hostOf(worker), jobId: "", logTail: "" };
  const isMemory = error instanceof KilledWorker && diedOfMemory(error);
  const outOfMemory = isMemory ? await memoryOf(client, worker) : null;
  return { isRetryable: true, outOfMemory, payload };
}

/**
 * A heap that was full, a process that somebody killed, a worker that is gone without a word: that
 * is how a nanny or a kernel ends what takes too much memory.
 */
function diedOfMemory({ message }: KilledWorker): boolean {
  return /ran out of heap memory|killed by SIGKILL|Look for memory use/.test(message);
}

async function memoryOf(client: Client, worker: string) {
  const { workers } = await client.schedulerInfo();
  const bytes = (one: Readonly<Record<string, unknown>> | undefined) =>
    Number(one?.memory_limit ?? 0);
  const all = Object.values(workers).map(bytes);
  // The one that died is often gone; at least it had what the smallest of the others has.
  const smallest = all.length === 0 ? 0 : Math.min(...all);
  const workerBytes = bytes(workers[worker]) || smallest;
  return { workerBytes, largestBytes: Math.max(0, ...all) };
}

/** `10.0.0.7` of `tls://10.0.0.7:40001`. */
function hostOf(address: string): string {
  return /^\w+:\/\/(.+):\d+$/.exec(address)?.[1] ?? "";
}
