// What dask's scheduler extensions are asked: requests and stream messages about variables, queues,
// events, semaphores, locks of several names, datasets and metadata of tasks. Names are
// whatever Python can hash and the wire can carry, so they are keys.
import { duration } from "./duration-field.js";
import {
  anything,
  bool,
  count,
  either,
  integer,
  key,
  list,
  type MessageOf,
  name,
  optional,
  payload,
} from "./schema.js";

const timeout = optional(duration);

export const extensionRequests = {
  /** Either `key`, of a future, or `data`. */
  variable_set: {
    name: key,
    key: optional(key),
    data: optional(anything),
    timeout,
    client: optional(name),
  },
  /** → {type: "msgpack", value} or {type: "Future", value: key, token, state, exception?, …} */
  variable_get: { name: key, client: optional(name), timeout },
  queue_create: { name: key, maxsize: optional(integer) },
  queue_put: { name: key, key: optional(key), data: optional(anything), timeout },
  /** → a record as of `variable_get` without token; with `batch` a list of them */
  queue_get: { name: key, timeout, batch: optional(either(bool, integer)) },
  queue_qsize: { name: key },
  /** → whether it was set in time */
  event_wait: { name: key, timeout },
  event_set: { name: key },
  event_clear: { name: key },
  event_is_set: { name: key },
  semaphore_register: { name: key, max_leases: integer, lease_timeout: timeout },
  /** → whether there was a lease in time; the same id asked twice is one lease */
  semaphore_acquire: { name: key, timeout, lease_id: name },
  semaphore_release: { name: key, lease_id: name },
  semaphore_refresh_leases: { name: key, lease_ids: list(name) },
  semaphore_close: { name: key },
  /** → leases that are held */
  semaphore_value: { name: key },
  /** → whether `num_locks` of the locks were got in time */
  multi_lock_acquire: { locks: list(key), id: name, timeout, num_locks: optional(count) },
  multi_lock_release: { id: name },
  /** `uid` comes on the client's stream too: what it sent there before is seen first. */
  publish_put: {
    names: list(key),
    keys: list(list(key)),
    data: list(payload),
    override: optional(bool),
    client: name,
    uid: name,
  },
  publish_delete: { names: list(key), client: name, uid: name },
  publish_list: {},
  /** → [{data, keys} or nil] */
  publish_get: { names: list(key) },
  start_task_metadata: { name },
  /** → {metadata: {key: …}, state: {key: …}} of the tasks that came and ended since the start */
  stop_task_metadata: { name: optional(name) },
};

export const extensionMessages = {
  "variable-future-received-confirm": { name: key, key, token: name },
  variable_delete: { name: key },
  "queue-future-release": { name: key, key },
  queue_release: { name: key },
  publish_flush_batched_send: { uid: name },
};

export type ExtensionRequest = MessageOf<typeof extensionRequests>;
export type ExtensionMessage = MessageOf<typeof extensionMessages>;

/** All of {@link ExtensionRequest}, for who passes them on unread. */
export const extensionOps = Object.keys(extensionRequests) as readonly ExtensionRequest["op"][];
