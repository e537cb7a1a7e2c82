// Requests (rpc) to a scheduler by which people look after a cluster: where data lies, plugins,
// profiles, logs, dumps. dask's ops and field names; what each does is decided in the scheduler.
import {
  anything,
  bool,
  bytes,
  count,
  either,
  integer,
  key,
  list,
  literal,
  name,
  number,
  optional,
  payload,
  text,
} from "./schema.js";

const workers = optional(list(name));
const stimulus_id = optional(name);
/** Seconds since the epoch, or a span of time before now such as `"10s"`. */
const moment = optional(either(number, name));
/** A pickle, which only Python opens. */
const pickle = either(bytes, payload);
const plugin = { plugin: bytes, name, idempotent: optional(bool) };

export const operations = {
  /** → nil, or {status: "partial-fail", keys} of data that nobody holds */
  replicate: {
    keys: list(key),
    n: optional(integer),
    workers,
    branching_factor: optional(integer),
    delete: optional(bool),
    stimulus_id,
  },
  /** → {status: "OK"} or {status: "partial-fail", keys} */
  rebalance: { keys: optional(list(key)), workers, stimulus_id },
  /** → what the method of the memory manager returns: nil, or whether it runs. */
  amm_handler: { method: literal("start", "stop", "run_once", "running") },
  /** → {address: reply} of the workers that are there; later ones get it when they register. */
  register_worker_plugin: plugin,
  unregister_worker_plugin: { name },
  register_nanny_plugin: plugin,
  unregister_nanny_plugin: { name },
  /** A pickled object of Python: only that of `upload_file` is taken, by those who unfold graphs. */
  register_scheduler_plugin: plugin,
  unregister_scheduler_plugin: { name },
  /** Pickled Python for the scheduler: refused. */
  run_function: {
    function: pickle,
    args: optional(anything),
    kwargs: optional(anything),
    wait: optional(bool),
  },
  /** The same again and again: refused, but for the progress bars of dask itself. */
  feed: {
    function: optional(pickle),
    setup: optional(pickle),
    teardown: optional(pickle),
    interval: optional(either(number, name)),
  },
  /** A page drawn by a Python library: refused. */
  performance_report: {
    start: optional(number),
    last_count: optional(count),
    code: optional(text),
    mode: optional(text),
  },
  /** → {address: {key: frames}} of what runs; `keys`: only of these and what they wait for. */
  call_stack: { keys: optional(list(key)) },
  /** → a tree of samples, merged or {address: tree} */
  profile: {
    workers,
    scheduler: optional(bool),
    server: optional(bool),
    merge_workers: optional(bool),
    start: optional(number),
    stop: optional(number),
    key: optional(name),
  },
  /** → [[level, line]] of this scheduler, `logs` is the same */
  get_logs: { n: optional(count) },
  logs: { n: optional(count) },
  /** → {address: [[level, line]]} */
  worker_logs: { n: optional(count), workers, nanny: optional(bool) },
  log_event: { topic: either(name, list(name)), msg: anything },
  /** → [[seconds, message]] of a topic, or {topic: [[seconds, message]]} */
  events: { topic: optional(name) },
  /** → [{key, worker, status, nbytes, thread, type, typename, startstops, …}] */
  get_task_stream: {
    start: moment,
    stop: moment,
    count: optional(count),
    start_index: optional(count),
  },
  get_task_stream_index: {},
  /** → {prefix: {memory, erred, released, processing, waiting}} */
  get_task_prefix_states: {},
  /** → identity without metrics; then ["add", {workers}] and ["remove", address] as they happen */
  subscribe_worker_status: {},
  /** → {scheduler, workers, versions}: all that everybody knows, for a file. */
  get_cluster_state: { exclude: optional(list(name)) },
  /** Into a file of the scheduler's machine; other URLs need a Python library: refused. */
  dump_cluster_state_to_url: { url: text, exclude: optional(list(name)), format: optional(name) },
  /** → {disk, memory, network}: bytes per second by size, averages over the workers. */
  benchmark_hardware: {},
  /** → Pickled: what a task of a Python client does, for running it elsewhere. */
  get_runspec: { key },
  /** → the key of the task that failed first, on which these keys depend; nil if none failed. */
  get_error_cause: { keys: list(key) },
  /** → the name by which it is stopped; samples are taken each `interval` seconds. */
  memory_sampler_start: {
    client: name,
    measure: literal(
      "process",
      "managed",
      "spilled",
      "unmanaged",
      "unmanaged_old",
      "unmanaged_recent",
      "optimistic",
      "managed_total",
    ),
    interval: number,
  },
  /** → [[seconds since the epoch, bytes]] */
  memory_sampler_stop: { key: name },
  /** → seconds since the epoch since when nothing happens; nil while something does. */
  check_idle: {},
  /** What every server of dask answers. */
  echo: { data: optional(anything) },
  dump_state: { exclude: optional(list(name)) },
};
