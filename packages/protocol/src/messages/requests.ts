// Requests (rpc): what a scheduler, a worker and a nanny answer, with dask's ops and field names.
// Replies are plain wire values, described beside each op where they are not a simple status.
import { extensionRequests } from "./extensions.js";
import { operations } from "./operation-requests.js";
import {
  amount,
  anything,
  bool,
  byteCount,
  bytes,
  count,
  either,
  integer,
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
  slotCount,
  text,
} from "./schema.js";
import { workerStatus } from "./worker-stream.js";

const who = optional(name);
const timeout = optional(either(amount, name));
const workerGrouping = literal("address", "host", "name", "job");

/** In dask `key` is a pickled function, which is refused. */
const closeOptions = {
  memory_ratio: optional(amount),
  n: optional(integer),
  key: optional(either(workerGrouping, bytes)),
  minimum: optional(count),
  target: optional(count),
  attribute: optional(literal("address", "host", "name")),
};

const scheduler = {
  ...operations,
  /** → the cluster's self-description; `n_workers` −1 lists all workers, 0 none. */
  identity: { n_workers: optional(integer) },
  "register-client": { client: name, versions: optional(anything), acme: optional(integer) },
  "register-worker": {
    address: name,
    status: workerStatus,
    nthreads: slotCount,
    name: either(name, number),
    now: number,
    resources: mapOf(name, amount),
    memory_limit: nullable(amount),
    local_directory: optional(name),
    services: optional(anything),
    nanny: nullable(name),
    pid: optional(count),
    versions: optional(anything),
    metrics: mapOf(name, anything),
    extra: mapOf(name, anything),
    stimulus_id: name,
    server_id: optional(name),
    /** Ours: what a worker that comes back already holds and runs; empty at first. */
    held: optional(mapOf(key, byteCount)),
    running: optional(mapOf(key, count)),
  },
  register_nanny: { address: name },
  heartbeat_worker: {
    address: name,
    now: number,
    metrics: mapOf(name, anything),
    executing: optional(mapOf(key, seconds)),
    extensions: optional(anything),
    /** Ours: an old process under the same address must not refresh the new one. */
    server_id: optional(name),
  },
  /** → {status, data: {key: Serialized}} or {status: "error", keys} */
  gather: { keys: list(key), serializers: optional(anything) },
  /** → [keys] */
  scatter: {
    data: mapOf(key, payload),
    workers: optional(list(name)),
    client: name,
    broadcast: optional(either(bool, slotCount)),
    timeout,
  },
  who_has: { keys: optional(list(key)) },
  has_what: { workers: optional(list(name)) },
  /** → {key: bytes}; `summary`, the default: {prefix: bytes} */
  nbytes: { keys: optional(list(key)), summary: optional(bool) },
  processing: { workers: optional(list(name)) },
  ncores: { workers: optional(list(name)) },
  /** `lang`, which is ours: only of workers that run this language. */
  ncores_running: { workers: optional(list(name)), lang: optional(name) },
  /** → {address: reply} of a request that every worker answers. */
  broadcast: {
    msg: anything,
    workers: optional(list(name)),
    hosts: optional(list(name)),
    nanny: optional(bool),
    on_error: optional(literal("raise", "return", "return_pickle", "ignore")),
    serializers: optional(anything),
  },
  proxy: { msg: anything, worker: name, serializers: optional(anything) },
  unregister: { address: name, stimulus_id: optional(name) },
  /** → {address: identity of the retired worker} */
  retire_workers: {
    workers: optional(list(name)),
    names: optional(list(either(name, number))),
    close_workers: optional(bool),
    remove: optional(bool),
    // Without workers and names: how workers_to_close is asked for them.
    ...closeOptions,
    // Ours: what runs there may end first.
    drain: optional(bool),
    stimulus_id: optional(name),
  },
  /** → how many workers the work at hand could use; `key` as below, both are ours. */
  adaptive_target: {
    target_duration: timeout,
    key: optional(workerGrouping),
    nthreads: optional(count),
  },
  /** → [attribute] of workers that could go; in dask `key` is a function. */
  workers_to_close: closeOptions,
  /** Ours → {version, workers}: every worker in a few words; null if all are as at `version`. */
  worker_sights: { version: optional(name) },
  restart: {
    client: optional(name),
    timeout,
    wait_for_workers: optional(bool),
    stimulus_id: optional(name),
  },
  /** → {address: "OK" | "removed" | "timed out"} */
  restart_workers: {
    workers: optional(list(name)),
    client: optional(name),
    timeout,
    wait_for_workers: optional(bool),
    on_error: optional(literal("raise", "return")),
    stimulus_id: optional(name),
  },
  retry: { keys: list(key), client: optional(name) },
  update_data: {
    who_has: mapOf(key, list(name)),
    nbytes: mapOf(key, byteCount),
    client: optional(name),
  },
  add_keys: { worker: name, keys: list(key) },
  set_resources: { worker: name, resources: mapOf(name, amount) },
  /** dask's shape: {key: [worker, …]} or null to lift the restriction. */
  set_restrictions: { worker: mapOf(key, nullable(list(name))) },
  /** What a worker makes its part of a P2P shuffle from → {status: "OK", run_spec} or an error. */
  shuffle_get: { id: name, worker: name },
  shuffle_get_or_create: { shuffle_id: name, key, worker: name },
  /** The task belongs to the worker that has its partition. */
  shuffle_restrict_task: { id: name, run_id: integer, key, worker: name },
  /** All inputs are handed over → null once every participant has heard of it. */
  shuffle_barrier: { id: name, run_id: integer, consistent: bool },
  get_task_status: { keys: list(key) },
  get_story: { keys_or_stimuli: list(key) },
  /** Ours: why is this task not running? → text */
  explain: { key },
  set_metadata: { keys: list(key), value: anything },
  get_metadata: { keys: list(key), default: optional(anything) },
  versions: {},
  terminate: {},
  ...extensionRequests,
};

const worker = {
  identity: {},
  /** → {status: "OK", data} and the peer then says "OK", or {status: "busy"} */
  get_data: { keys: list(key), who, serializers: optional(anything) },
  /** → {status: "OK", nbytes} */
  update_data: { data: mapOf(key, payload) },
  gather: { who_has: mapOf(key, list(name)) },
  free_keys: { keys: list(key), stimulus_id: optional(name) },
  keys: {},
  ping: {},
  versions: {},
  get_logs: { n: optional(count) },
  get_story: { keys_or_stimuli: list(key) },
  terminate: { reason: optional(text) },
};

const nanny = {
  identity: {},
  instantiate: {},
  kill: { reason: optional(text), timeout: optional(amount) },
  restart: { reason: optional(text), timeout: optional(amount) },
  terminate: { reason: optional(text) },
  close_gracefully: { reason: optional(text) },
  get_logs: { n: optional(count) },
};

export type SchedulerRequest = MessageOf<typeof scheduler>;
export type WorkerRequest = MessageOf<typeof worker>;
export type NannyRequest = MessageOf<typeof nanny>;
export const schedulerRequest = messageReader(scheduler);
export const workerRequest = messageReader(worker);
export const nannyRequest = messageReader(nanny);
