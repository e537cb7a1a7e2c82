// What errors of calls tell: their code, how the process ended that ran them, and where that was. What
// follows from it, the core decides.
import type { Death } from "@acme/protocol";
import { decodeError } from "@acme/serialize";
import type { Client } from "../../client.js";
import { KilledWorker } from "../../errors.js";
import type { CallFailure, Whereabouts } from "../calls/run-each.js";
import { type Fault, mayLackMemory } from "../core/index.js";

/** The error of a call, and where it ran as far as is known. */
export interface FailedCall extends Whereabouts {
  readonly error: Error;
  readonly logTail: string;
}

/** Makes faults of errors; asks for the memory of workers where that matters. */
export class Faults {
  readonly #client: Client;
  #asking: Promise<WorkerLimits> | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Of a call that told of its failure itself. */
  ofCall(failure: CallFailure, where: Whereabouts): Fault {
    const error = decodeError(failure.error);
    const payload: FailedCall = { error, logTail: failure.logTail, ...where };
    return { code: codeOf(error), death: null, memory: null, payload };
  }

  /** Of a task that could not tell anything. */
  async ofTask(error: Error): Promise<Fault> {
    const killed = error instanceof KilledWorker ? error : undefined;
    const worker = killed?.lastWorker ?? "";
    const payload: FailedCall = { error, worker, host: hostOf(worker), jobId: "", logTail: "" };
    const death: Death | null = killed?.death ?? null;
    const memory = mayLackMemory(death) ? await this.#memoryOf(killed as KilledWorker) : null;
    return { code: codeOf(error), death, memory, payload };
  }

  async #memoryOf({ lastWorker, memoryLimitBytes }: KilledWorker): Promise<Fault["memory"]> {
    // What fails together asks together.
    this.#asking ??= askLimits(this.#client).finally(() => {
      this.#asking = undefined;
    });
    const limits = await this.#asking;
    const all = [...limits.values()];
    // The one that died is often gone; at least it had what the smallest of the others has.
    const smallest = all.length === 0 ? 0 : Math.min(...all);
    const workerBytes = memoryLimitBytes ?? limits.get(lastWorker) ?? smallest;
    return { workerBytes, largestBytes: Math.max(0, ...all) };
  }
}

type WorkerLimits = ReadonlyMap<string, number>;

async function askLimits(client: Client): Promise<WorkerLimits> {
  const { workers } = await client.schedulerInfo();
  return new Map(
    Object.entries(workers).map(([address, one]) => [address, Number(one.memory_limit ?? 0)]),
  );
}

function codeOf(error: Error): string | null {
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : null;
}

/** `10.0.0.7` of `tls://10.0.0.7:40001`. */
function hostOf(address: string): string {
  return /^\w+:\/\/(.+):\d+$/.exec(address)?.[1] ?? "";
}
