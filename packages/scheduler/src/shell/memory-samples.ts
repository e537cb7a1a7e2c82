// Samples of the memory of all workers, taken while a client asks for them. Reads the view; a client
// that is gone has its samples forgotten. Corresponds to dask's MemorySamplerExtension.
import { randomUUID } from "node:crypto";
import { clientId } from "@acme/protocol";
import { type SchedulerState, view } from "../core/index.js";
import { shellLimits } from "./limits.js";
import { PythonNamedError } from "./python-errors.js";
import type { Request } from "./request-types.js";

type Measure = Request<"memory_sampler_start">["measure"];

interface Sampling {
  readonly client: string;
  readonly measure: Measure;
  /** [seconds since the epoch, bytes] */
  readonly samples: [number, number][];
  readonly timer: NodeJS.Timeout;
}

export class MemorySamples {
  readonly #state: SchedulerState;
  readonly #byKey = new Map<string, Sampling>();

  constructor(state: SchedulerState) {
    this.#state = state;
  }

  /** @returns by what name they are stopped */
  start({ client, measure, interval }: Request<"memory_sampler_start">): string {
    if (this.#byKey.size >= shellLimits.memorySamplings) {
      throw new PythonNamedError("RuntimeError", "too many samplings of memory go on already");
    }
    const key = randomUUID();
    const everyMs = Math.max(interval * 1_000, shellLimits.memorySampleMinMs);
    const timer = setInterval(() => this.#sample(key), everyMs);
    timer.unref();
    this.#byKey.set(key, { client, measure, samples: [], timer });
    this.#sample(key);
    return key;
  }

  stop({ key }: Request<"memory_sampler_stop">): [number, number][] {
    const sampling = this.#byKey.get(key);
    if (sampling === undefined) throw new PythonNamedError("KeyError", key);
    this.#end(key, sampling);
    return sampling.samples;
  }

  /** When the scheduler ends. */
  close(): void {
    for (const [key, sampling] of this.#byKey) this.#end(key, sampling);
  }

  #sample(key: string): void {
    const sampling = this.#byKey.get(key);
    if (sampling === undefined) return;
    const { client, measure, samples } = sampling;
    const isThere = view.hasClient(this.#state, clientId(client));
    if (!isThere || samples.length >= shellLimits.memorySamples) this.#end(key, sampling);
    else samples.push([Date.now() / 1_000, view.memoryOfAll(this.#state)[measure]]);
  }

  #end(key: string, { timer }: Sampling): void {
    clearInterval(timer);
    this.#byKey.delete(key);
  }
}
