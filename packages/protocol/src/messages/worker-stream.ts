// The batched stream between a worker and the scheduler, both directions, op by op with dask's
// field names. No meaning here: what a message does is decided in the cores.
import { deaths } from "../death.js";
import { nativeRunSpec } from "./native-graph.js";
import {
  amount,
  anything,
  bool,
  byteCount,
  bytes,
  count,
  either,
  integerIn,
  key,
  list,
  literal,
  type MessageOf,
  mapOf,
  messageReader,
  name,
  nullable,
  number,
  optional,
  payload,
  seconds,
  serialized,
  text,
} from "./schema.js";

const startStop = mapOf(name, anything);
const wireBytes = either(bytes, payload);

/** Statuses a worker reports, dask's words. */
export const workerStatus = literal(
  "init",
  "running",
  "paused",
  "closing",
  "closed",
  "closing_gracefully",
  "failed",
  "stopping",
  "stopped",
  "starting",
  "created",
  "dont_reply",
  "undefined",
  "closing_no_nanny",
);
export type WorkerStatus = ReturnType<typeof workerStatus>;

const toScheduler = {
  "task-finished": {
    key,
    run_id: count,
    nbytes: byteCount,
    type: nullable(wireBytes),
    typename: name,
    metadata: optional(anything),
    thread: optional(anything),
    startstops: list(startStop),
    stimulus_id: name,
    /** Between our own peers: the value itself when it is small. */
    result: optional(serialized),
  },
  "task-erred": {
    key,
    /** A Python worker says -1 of an input that it cannot open. */
    run_id: integerIn(-1, Number.MAX_SAFE_INTEGER),
    exception: wireBytes,
    traceback: nullable(wireBytes),
    exception_text: text,
    traceback_text: text,
    thread: optional(anything),
    startstops: list(startStop),
    stimulus_id: name,
    /** Ours: the executor died with the task. */
    died: optional(bool),
    /** Ours: and how. */
    death: optional(literal(...deaths)),
  },
  "release-worker-data": { key, keys: optional(list(key)), stimulus_id: name },
  "add-keys": { keys: list(key), stimulus_id: name },
  "long-running": { key, run_id: count, compute_duration: nullable(seconds), stimulus_id: name },
  reschedule: { key, stimulus_id: name },
  "request-refresh-who-has": { keys: list(key), stimulus_id: name },
  "steal-response": { key, state: nullable(name), stimulus_id: name },
  /** `reason` is ours: why it is paused, for people. */
  "worker-status-change": { status: workerStatus, stimulus_id: name, reason: optional(text) },
  "log-event": { topic: either(name, list(name)), msg: anything },
  "keep-alive": {},
  "close-stream": {},
};

const toWorker = {
  "compute-task": {
    key,
    run_id: count,
    priority: list(number),
    stimulus_id: name,
    who_has: mapOf(key, list(name)),
    nbytes: mapOf(key, byteCount),
    run_spec: either(payload, nativeRunSpec),
    resource_restrictions: nullable(mapOf(name, amount)),
    actor: bool,
    annotations: anything,
    span_id: nullable(name),
  },
  "free-keys": { keys: list(key), stimulus_id: name },
  "remove-replicas": { keys: list(key), stimulus_id: name },
  "acquire-replicas": {
    who_has: mapOf(key, list(name)),
    nbytes: mapOf(key, byteCount),
    stimulus_id: name,
  },
  /** `abort` is ours: stop it even when it runs. */
  "cancel-compute": { key, stimulus_id: name, abort: optional(bool) },
  "steal-request": { key, stimulus_id: name },
  "refresh-who-has": { who_has: mapOf(key, list(name)), stimulus_id: name },
  "worker-status-change": { status: workerStatus, stimulus_id: name },
  "remove-worker": { worker: name, stimulus_id: name },
  /** A run of a P2P shuffle is over; only for workers that have a part in it. */
  "shuffle-fail": { shuffle_id: name, run_id: count, message: text },
  close: { reason: optional(text) },
  "close-stream": {},
  /** Ours: once per worker, before the first task that uses it. */
  "task-template": { id: name, name, body: serialized },
  "forget-template": { id: name },
};

export type WorkerToScheduler = MessageOf<typeof toScheduler>;
export type SchedulerToWorker = MessageOf<typeof toWorker>;
export const workerToScheduler = messageReader(toScheduler);
export const schedulerToWorker = messageReader(toWorker);
