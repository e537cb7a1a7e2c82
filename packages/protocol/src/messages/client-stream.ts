// The batched stream between a client and the scheduler, both directions, op by op with dask's
// field names. No meaning here: what a message does is decided in the cores.
import { extensionMessages } from "./extensions.js";
import { nativeGraph } from "./native-graph.js";
import {
  anything,
  bool,
  byteCount,
  bytes,
  count,
  either,
  key,
  list,
  type MessageOf,
  mapOf,
  messageReader,
  name,
  nullable,
  number,
  optional,
  payload,
  serialized,
  text,
} from "./schema.js";

const wireBytes = either(bytes, payload);

const toScheduler = {
  "update-graph": {
    /** Ours; `sequence` counts the graph updates of one client, so that a repeat is harmless. */
    graph: optional(nativeGraph),
    sequence: optional(count),
    /** dask's: opaque until a Python peer unfolds it. */
    expr_ser: optional(payload),
    keys: list(key),
    internal_priority: optional(mapOf(key, number)),
    submitting_task: optional(key),
    fifo_timeout: optional(either(number, name)),
    actors: optional(either(bool, list(key))),
    user_priority: optional(either(number, mapOf(key, number))),
    annotations: optional(anything),
    stimulus_id: optional(name),
  },
  "client-releases-keys": { keys: list(key) },
  "client-desires-keys": {
    keys: list(key),
    /** Ours: these are all that this client wants; what it wanted before is released. */
    all: optional(bool),
    /** In whose name, if not its own; only "fire-and-forget" is known. */
    client: optional(name),
  },
  "cancel-keys": {
    keys: list(key),
    force: optional(bool),
    reason: optional(text),
    msg: optional(text),
  },
  "report-key": { key },
  "update-data": { who_has: mapOf(key, list(name)), nbytes: mapOf(key, byteCount) },
  "heartbeat-client": {},
  "close-client": {},
  "close-stream": {},
  "subscribe-topic": { topic: name },
  "unsubscribe-topic": { topic: name },
  ...extensionMessages,
};

const toClient = {
  "stream-start": { warning: optional(text), error: optional(text) },
  "graph-received": { sequence: count },
  "key-in-memory": {
    key,
    type: optional(wireBytes),
    workers: optional(list(name)),
    /** Ours: the value, when it is small and this client wanted it at that moment. */
    result: optional(serialized),
  },
  "lost-data": { key },
  "task-erred": { key, exception: wireBytes, traceback: nullable(wireBytes) },
  "task-retried": { key },
  "cancelled-keys": { keys: list(key), reason: optional(text), msg: optional(text) },
  restart: {},
  event: { topic: name, event: anything },
  "adjust-heartbeat-interval": { interval: number },
  error: { message: optional(text) },
  "stream-closed": {},
  close: {},
};

export type ClientToScheduler = MessageOf<typeof toScheduler>;
export type SchedulerToClient = MessageOf<typeof toClient>;
export const clientToScheduler = messageReader(toScheduler);
export const schedulerToClient = messageReader(toClient);
