// The batched stream between a worker and the scheduler, both directions, op by op with dask's
// field names. No meaning here: what a message does is decided in the cores.
import { nativeRunSpec } from "./native-graph.js";
import {
  anything,
  bool,
  bytes,
  either,
  integer,
  key,
  list,
  literal,
  type MessageOf,
  mapOf,
  messageReader,
  nullable,
  number,
  optional,
  payload,
  serialized,
  text,
} from "./schema.js";

const startStop = mapOf(text, anything);
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
    run_id: integer,
    nbytes: integer,
    type: nullable(wireBytes),
    typename: text,
    metadata: optional(anything),
    thread: optional(anything),
    startstops: list(startStop),
    stimulus_id: text,
    /** Between our own peers: the value itself when it is small. */
    result: optional(serialized),
  },
  "task-erred": {
    key,
    run_id: integer,
    exception: wireBytes,
    traceback: nullable(wireBytes),
    exception_text: text,
    traceback_text: text,
    thread: optional(anything),
    startstops: list(startStop),
    stimulus_id: text,
    /** Ours: the executor died with the task. */
    died: optional(bool),
  },
  "release-worker-data": { key, stimulus_id: text },
  "add-keys": { keys: list(key), stimulus_id: text },
  "long-running": { key, run_id: integer, compute_duration: nullable(number), stimulus_id: text },
  reschedule: { key, stimulus_id: text },
  "request-refresh-who-has": { keys: list(key), stimulus_id: text },
  "steal-response": { key, state: nullable(text), stimulus_id: text },
  "worker-status-change": { status: workerStatus, stimulus_id: text },
  "log-event": { topic: either(text, list(text)), msg: anything },
  "keep-alive": {},
  "close-stream": {},
};

const toWorker = {
  "compute-task": {
    key,
    run_id: integer,
    priority: list(number),
    stimulus_id: text,
    who_has: mapOf(key, list(text)),
    nbytes: mapOf(key, integer),
    run_spec: either(payload, nativeRunSpec),
    resource_restrictions: nullable(mapOf(text, number)),
    actor: bool,
    annotations: anything,
    span_id: nullable(text),
  },
  "free-keys": { keys: list(key), stimulus_id: text },
  "remove-replicas": { keys: list(key), stimulus_id: text },
  "acquire-replicas": {
    who_has: mapOf(key, list(text)),
    nbytes: mapOf(key, integer),
    stimulus_id: text,
  },
  /** `abort` is ours: stop it even when it runs. */
  "cancel-compute": { key, stimulus_id: text, abort: optional(bool) },
  "steal-request": { key, stimulus_id: text },
  "refresh-who-has": { who_has: mapOf(key, list(text)), stimulus_id: text },
  "worker-status-change": { status: workerStatus, stimulus_id: text },
  "remove-worker": { worker: text, stimulus_id: text },
  close: { reason: optional(text) },
  "close-stream": {},
  /** Ours: once per worker, before the first task that uses it. */
  "task-template": { id: text, name: text, body: serialized },
  "forget-template": { id: text },
};

export type WorkerToScheduler = MessageOf<typeof toScheduler>;
export type SchedulerToWorker = MessageOf<typeof toWorker>;
export const workerToScheduler = messageReader(toScheduler);
export const schedulerToWorker = messageReader(toWorker);
