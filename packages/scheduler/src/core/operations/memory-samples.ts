// Samples of the memory of all workers, taken while a client asks for them and forgotten when it is
// gone. Corresponds to dask's MemorySamplerExtension.
import { type ClientId, clientId } from "@acme/protocol";
import type { CoreRequest, RequestId } from "../events.js";
import { coreLimits } from "../limits.js";
import { refuse, reply, type Turn, wakeBy } from "../turn.js";
import { memoryOfAll } from "./process-memory.js";

type Start = Extract<CoreRequest, { op: "memory_sampler_start" }>;

export interface Sampling {
  readonly client: ClientId;
  readonly measure: Start["measure"];
  readonly everyMs: number;
  nextMs: number;
  /** [seconds since the epoch, bytes] */
  readonly samples: [number, number][];
}

export interface Samplings {
  /** By the name by which they are ended. */
  open: Map<string, Sampling>;
  begun: number;
  nextMs: number;
}

export const newSamplings = (): Samplings => ({
  open: new Map(),
  begun: 0,
  nextMs: Number.POSITIVE_INFINITY,
});

export function beginSampling(turn: Turn, requestId: RequestId, request: Start): void {
  const { samplings } = turn.state;
  if (samplings.open.size >= coreLimits.memorySamplings) {
    const why = "too many samplings of memory go on already";
    refuse(turn, requestId, why, "RuntimeError");
    return;
  }
  const { measure, interval } = request;
  const { memorySampleMinMs, timeoutMaxMs } = coreLimits;
  samplings.begun += 1;
  const name = `memory-sampling-${samplings.begun}`;
  samplings.open.set(name, {
    client: clientId(request.client),
    measure,
    // What a peer says may be no number at all.
    everyMs: Math.min(Math.max(interval * 1_000 || 0, memorySampleMinMs), timeoutMaxMs),
    nextMs: turn.nowMs,
    samples: [],
  });
  samplings.nextMs = turn.nowMs;
  reply(turn, requestId, name);
}

export function endSampling(turn: Turn, requestId: RequestId, name: string): void {
  const { open } = turn.state.samplings;
  const sampling = open.get(name);
  if (sampling === undefined) {
    refuse(turn, requestId, name, "KeyError");
    return;
  }
  open.delete(name);
  reply(turn, requestId, sampling.samples);
}

/** Takes the samples that are due. */
export function sampleMemory(turn: Turn): void {
  const { samplings, clients } = turn.state;
  const { open } = samplings;
  if (open.size === 0) return;
  if (samplings.nextMs <= turn.nowMs) {
    samplings.nextMs = Number.POSITIVE_INFINITY;
    const memory = memoryOfAll(turn.state);
    for (const [name, sampling] of open) {
      const { client, measure, everyMs, samples } = sampling;
      if (!clients.has(client) || samples.length >= coreLimits.memorySamples) {
        open.delete(name);
        continue;
      }
      if (sampling.nextMs <= turn.nowMs) {
        samples.push([turn.nowMs / 1_000, memory[measure]]);
        sampling.nextMs = turn.nowMs + everyMs;
      }
      samplings.nextMs = Math.min(samplings.nextMs, sampling.nextMs);
    }
  }
  wakeBy(turn, samplings.nextMs);
}
