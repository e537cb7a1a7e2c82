// Short ways to write the scheduler's messages in tests of the worker core.
// Must not know scenarios: the defaults are those that most tests need.
import { type SchedulerToWorker, Serialized, type WireKey, workerAddress } from "@acme/protocol";
import type { Outcome, WorkerEvent } from "../core/events.js";
import { newState, type WorkerCoreOptions, type WorkerState } from "../core/state.js";

type ComputeTask = Extract<SchedulerToWorker, { op: "compute-task" }>;

export interface ComputeOptions {
  runId?: number;
  priority?: number[];
  /** Holders of each input. */
  inputs?: Record<string, string[]>;
  inputBytes?: number;
  template?: string;
  isolate?: boolean;
  resources?: Record<string, number>;
  annotations?: Record<string, unknown>;
}

export function computeTask(key: WireKey, options: ComputeOptions = {}): ComputeTask {
  const inputs = Object.entries(options.inputs ?? {});
  const { isolate } = options;
  const spec = { template: options.template ?? "t", items: new Uint8Array(0) };
  return {
    op: "compute-task",
    key,
    run_id: options.runId ?? 1,
    priority: options.priority ?? [0],
    stimulus_id: "compute",
    who_has: new Map<WireKey, string[]>(inputs),
    nbytes: new Map<WireKey, number>(inputs.map(([name]) => [name, options.inputBytes ?? 8])),
    run_spec: isolate === undefined ? spec : { ...spec, isolate },
    resource_restrictions:
      options.resources === undefined ? null : new Map(Object.entries(options.resources)),
    actor: false,
    annotations: new Map(Object.entries(options.annotations ?? {})),
    span_id: null,
  };
}

export const template = (id = "t"): SchedulerToWorker => ({
  op: "task-template",
  id,
  name: "f",
  body: Serialized.acme([]),
});

export const fromScheduler = (link: number, ...messages: SchedulerToWorker[]): WorkerEvent => ({
  type: "scheduler-messages",
  link,
  messages,
});

export function okOutcome(nbytes = 8, durationMs = 1, inline?: Serialized): Outcome {
  const times = { startMs: 1_000, stopMs: 1_000 + durationMs };
  return { type: "ok", nbytes, typename: "number", ...times, inline };
}

export function failed(type: "error" | "died" = "error"): Outcome {
  return {
    type,
    exception: new Uint8Array([1]),
    traceback: null,
    exceptionText: "Error: boom",
    tracebackText: "at f",
    startMs: 1_000,
    stopMs: 1_001,
  };
}

/** A worker with this many slots, ready to be connected. */
export function worker(nthreads: number, options: Partial<WorkerCoreOptions> = {}): WorkerState {
  const address = workerAddress("tcp://127.0.0.1:1");
  return newState({ address, serverId: "w", nthreads, memoryLimitBytes: null, ...options });
}

/** What a worker sees first: its executors are ready and the scheduler knows it. */
export function begin(nthreads: number, link = 0, acme = true): WorkerEvent[] {
  const ready = Array.from({ length: nthreads }, (_, slot): WorkerEvent => {
    return { type: "executor-ready", slot };
  });
  return [...ready, { type: "connected", link, acme, heartbeatIntervalMs: 1_000 }];
}
