// Requests (rpc): what a scheduler, a worker and a nanny answer, with dask's ops and field names.
// Replies are plain wire values, described beside each op where they are not a simple status.
import {
  anything,
  bool,
  either,
  integer,
  key,
  list,
  type MessageOf,
  mapOf,
  messageReader,
  nullable,
  number,
  optional,
  payload,
  text,
} from "./schema.js";
import { workerStatus } from "./worker-stream.js";

const who = optional(text);

const scheduler = {
  /** → the cluster's self-description; `n_workers` −1 lists all workers, 0 none. */
  identity: { n_workers: optional(integer) },
  "register-client": { client: text, versions: optional(anything), acme: optional(integer) },
  "register-worker": {
    address: text,
    status: workerStatus,
    nthreads: integer,
    name: either(text, number),
    now: number,
    resources: mapOf(text, number),
    memory_limit: nullable(number),
    local_directory: optional(text),
    services: optional(anything),
    nanny: nullable(text),
    pid: optional(integer),
    versions: optional(anything),
    metrics: mapOf(text, anything),
    extra: mapOf(text, anything),
    stimulus_id: text,
    server_id: optional(text),
    /** Ours: what a worker that comes back already holds and runs; empty at first. */
    held: optional(mapOf(key, integer)),
    running: optional(mapOf(key, integer)),
  },
  register_nanny: { address: text },
  heartbeat_worker: {
    address: text,
    now: number,
    metrics: mapOf(text, anything),
    executing: optional(mapOf(key, number)),
    extensions: optional(anything),
    /** Ours: an old process under the same address must not refresh the new one. */
    server_id: optional(text),
  },
  /** → {status, data: {key: Serialized}} or {status: "error", keys} */
  gather: { keys: list(key), serializers: optional(anything) },
  /** → [keys] */
  scatter: {
    data: mapOf(key, payload),
    workers: optional(list(text)),
    client: text,
    broadcast: optional(either(bool, integer)),
    timeout: optional(either(number, text)),
  },
  who_has: { keys: optional(list(key)) },
  has_what: { workers: optional(list(text)) },
  nbytes: { keys: optional(list(key)) },
  processing: { workers: optional(list(text)) },
  ncores: { workers: optional(list(text)) },
  ncores_running: { workers: optional(list(text)) },
  /** → {address: reply} of a request that every worker answers. */
  broadcast: {
    msg: anything,
    workers: optional(list(text)),
    hosts: optional(list(text)),
    nanny: optional(bool),
    on_error: optional(text),
  },
  proxy: { msg: anything, worker: text },
  unregister: { address: text, stimulus_id: optional(text) },
  /** → {address: identity of the retired worker} */
  retire_workers: {
    workers: optional(list(text)),
    names: optional(list(either(text, number))),
    n: optional(integer),
    close_workers: optional(bool),
    remove: optional(bool),
    stimulus_id: optional(text),
  },
  restart: {
    client: optional(text),
    timeout: optional(either(number, text)),
    wait_for_workers: optional(bool),
    stimulus_id: optional(text),
  },
  restart_workers: { workers: list(text), timeout: optional(either(number, text)) },
  retry: { keys: list(key), client: optional(text) },
  update_data: {
    who_has: mapOf(key, list(text)),
    nbytes: mapOf(key, integer),
    client: optional(text),
  },
  add_keys: { worker: text, keys: list(key) },
  set_resources: { worker: text, resources: mapOf(text, number) },
  /** dask's shape: {key: [worker, …]} or null to lift the restriction. */
  set_restrictions: { worker: mapOf(key, nullable(list(text))) },
  get_task_status: { keys: list(key) },
  get_story: { keys_or_stimuli: list(key) },
  /** Ours: why is this task not running? → text */
  explain: { key },
  set_metadata: { keys: list(key), value: anything },
  get_metadata: { keys: list(key), default: optional(anything) },
  versions: {},
  terminate: {},
};

const worker = {
  identity: {},
  /** → {status: "OK", data} and the peer then says "OK", or {status: "busy"} */
  get_data: { keys: list(key), who, serializers: optional(anything) },
  /** → {status: "OK", nbytes} */
  update_data: { data: mapOf(key, payload) },
  gather: { who_has: mapOf(key, list(text)) },
  free_keys: { keys: list(key), stimulus_id: optional(text) },
  keys: {},
  ping: {},
  versions: {},
  get_logs: { n: optional(integer) },
  get_story: { keys_or_stimuli: list(key) },
  terminate: { reason: optional(text) },
};

const nanny = {
  identity: {},
  instantiate: {},
  kill: { reason: optional(text), timeout: optional(number) },
  restart: { reason: optional(text), timeout: optional(number) },
  terminate: { reason: optional(text) },
  close_gracefully: { reason: optional(text) },
  get_logs: { n: optional(integer) },
};

export type SchedulerRequest = MessageOf<typeof scheduler>;
export type WorkerRequest = MessageOf<typeof worker>;
export type NannyRequest = MessageOf<typeof nanny>;
export const schedulerRequest = messageReader(scheduler);
export const workerRequest = messageReader(worker);
export const nannyRequest = messageReader(nanny);
