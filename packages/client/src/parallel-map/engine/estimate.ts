// What a map will take, found out by a few of its calls on this machine, before hundreds of them are
// sent to a cluster. Nothing of what they return is kept.
import { LocalCluster } from "@acme/cluster";
import { Client } from "../../client.js";
import { ArgumentError } from "../../errors.js";
import { callArguments, type Inputs, zipInputs } from "../inputs.js";
import type { CallResult } from "../types.js";
import { MapRun } from "./map-run.js";

type AnyFunction = (...args: never[]) => unknown;

export interface EstimateOptions {
  /** Calls that are made; default 5. */
  readonly sample?: number | undefined;
  /** Seconds that one of them may take before it is cut short; default 30. */
  readonly seconds?: number | undefined;
}

/** What a map will take, as far as a sample can tell. */
export interface MapEstimate {
  /** Bytes that a worker has to have for one call at a time: the most that one took, itself included. */
  readonly memoryPerTask: number;
  /** Seconds that a call takes, on average; at least that if some were cut short. */
  readonly seconds: number;
  /** Hours of one core for all calls. */
  readonly coreHours: number;
  /** The calls that were made, and those of them that took too long. */
  readonly sampled: readonly number[];
  readonly cut: readonly number[];
}

interface Measure {
  readonly seconds: number;
  readonly memoryBytes: number;
}

/**
 * @throws ArgumentError for inputs that come only when they are read; what a call throws
 */
export async function estimateMap(
  fn: AnyFunction,
  inputs: Inputs,
  { sample = 5, seconds = 30 }: EstimateOptions,
): Promise<MapEstimate> {
  if (!Number.isSafeInteger(sample) || sample < 1 || !(seconds > 0)) {
    throw new ArgumentError(
      "estimate() takes a whole number of calls from 1 on, and seconds above 0",
    );
  }
  if (inputs.count === 0) throw new ArgumentError("there are no calls to estimate");
  const sampled = spread(inputs.count, Math.min(sample, inputs.count));
  const rows = sampled.map((index) => callArguments(inputs, index));
  const cluster = await LocalCluster.start({
    nWorkers: 1,
    threadsPerWorker: 1,
    logLevel: "silent",
  });
  try {
    const client = await Client.connect(cluster);
    try {
      return summary(inputs.count, sampled, await measureAll(client, { fn, rows, seconds }));
    } finally {
      await client.close();
    }
  } finally {
    await cluster.close();
  }
}

interface Sample {
  readonly fn: AnyFunction;
  readonly rows: readonly (readonly unknown[])[];
  readonly seconds: number;
}

async function measureAll(client: Client, { fn, rows, seconds }: Sample): Promise<Measure[]> {
  const measured = async (args: readonly unknown[]): Promise<Measure> => {
    const startMs = performance.now();
    await (fn as (...args: readonly unknown[]) => unknown)(...args);
    const memoryBytes = process.resourceUsage().maxRSS * 1_024;
    return { seconds: (performance.now() - startMs) / 1_000, memoryBytes };
  };
  const run = new MapRun<Measure, "memory">({
    fn: measured as AnyFunction,
    inputs: zipInputs(measured as AnyFunction, [rows]),
    options: {
      client,
      output: "memory",
      onError: "continue",
      timeLimitMs: seconds * 1_000,
      progress: false,
    },
    onContainer: () => {},
  });
  const measures: Measure[] = [];
  for await (const call of run) measures[call.index] = measureOf(call, seconds);
  return measures;
}

function measureOf(call: CallResult<Measure, "memory">, seconds: number): Measure {
  if (call.status === "done") return call.value;
  if ((call.error as { code?: unknown }).code === "CALL_TIMEOUT")
    return { seconds, memoryBytes: 0 };
  throw call.error;
}

function summary(count: number, sampled: readonly number[], measures: readonly Measure[]) {
  const seconds = measures.reduce((sum, each) => sum + each.seconds, 0) / measures.length;
  return {
    memoryPerTask: Math.max(...measures.map(({ memoryBytes }) => memoryBytes)),
    seconds,
    coreHours: (count * seconds) / 3_600,
    sampled,
    cut: sampled.filter((_, at) => measures[at]?.memoryBytes === 0),
  };
}

/** Calls from the first to the last, evenly: inputs often grow along their lists. */
function spread(count: number, sample: number): number[] {
  if (sample === 1) return [count - 1];
  return Array.from({ length: sample }, (_, at) => Math.round((at * (count - 1)) / (sample - 1)));
}
