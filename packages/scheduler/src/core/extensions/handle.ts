// The entrance of the extensions: requests and messages to their rooms, and those who wait to what
// ends their waiting: a task that becomes known, time, a client or a connection that is gone.
import {
  assertNever,
  type ClientId,
  type ExtensionMessage,
  type ExtensionRequest,
  type TaskKey,
  taskKey,
  wireKey,
} from "@acme/protocol";
import type { ClientState } from "../client-state.js";
import type { RequestId } from "../events.js";
import { refuse, type Turn } from "../turn.js";
import { startCollecting, stopCollecting } from "./collectors.js";
import {
  changeDatasets,
  endFlush,
  flushed,
  forgetMarks,
  getDatasets,
  listDatasets,
} from "./datasets.js";
import { clearFlag, endWait, flagIsSet, setFlag, waitForFlag } from "./flag.js";
import { acquireLocks, endAcquireLocks, releaseLocks } from "./multi-lock.js";
import { isPseudo } from "./pseudo-client.js";
import {
  closeQueue,
  confirmItem,
  createQueue,
  endGetItems,
  endPut,
  forgetTaken,
  getItems,
  putItem,
  queueSize,
} from "./queue.js";
import {
  acquireLease,
  closeSemaphore,
  endAcquire,
  expireLeases,
  leaseCount,
  refreshLeases,
  registerSemaphore,
  releaseLease,
} from "./semaphore.js";
import type { Asked, Waiting } from "./state.js";
import {
  confirmVariable,
  deleteVariable,
  endGet,
  forgetTaker,
  getVariable,
  setVariable,
} from "./variable.js";
import { askedOf, nextOverdue, park, unpark } from "./waiting.js";

type Op = ExtensionRequest["op"];
type Room = { [O in Op]: (turn: Turn, asked: Asked<O>) => void };

const rooms: Room = {
  variable_set: (turn, asked) => withKey(turn, asked, setVariable),
  variable_get: getVariable,
  queue_create: createQueue,
  queue_put: (turn, asked) => withKey(turn, asked, putItem),
  queue_get: getItems,
  queue_qsize: queueSize,
  event_wait: waitForFlag,
  event_set: setFlag,
  event_clear: clearFlag,
  event_is_set: flagIsSet,
  semaphore_register: registerSemaphore,
  semaphore_acquire: acquireLease,
  semaphore_release: releaseLease,
  semaphore_refresh_leases: refreshLeases,
  semaphore_close: closeSemaphore,
  semaphore_value: leaseCount,
  multi_lock_acquire: acquireLocks,
  multi_lock_release: releaseLocks,
  publish_put: changeDatasets,
  publish_delete: changeDatasets,
  publish_list: (turn, { requestId }) => listDatasets(turn, requestId),
  publish_get: getDatasets,
  start_task_metadata: startCollecting,
  stop_task_metadata: stopCollecting,
};

export function extensionRequest(
  turn: Turn,
  requestId: RequestId,
  request: ExtensionRequest,
): void {
  answer(turn, askedOf(turn, requestId, request));
}

function answer(turn: Turn, asked: Waiting): void {
  rooms[asked.request.op](turn, asked as never);
}

type Giving = Asked<"variable_set"> | Asked<"queue_put">;

/** A future may be named before the graph that makes it has come. */
function withKey<A extends Giving>(
  turn: Turn,
  asked: A,
  give: (turn: Turn, asked: A, key: TaskKey | null) => void,
): void {
  const { key } = asked.request;
  const task = key === undefined ? null : turn.state.tasks.get(taskKey(key));
  if (task !== undefined) give(turn, asked, task?.key ?? null);
  else if (!park(turn, asked, turn.state.extensions.awaitingKey)) refuseKey(turn, asked);
}

function refuseKey(turn: Turn, { requestId, request }: Giving): void {
  const key = String(wireKey(taskKey(request.key)));
  refuse(turn, requestId, `Task ${key} unknown to scheduler.`, "TimeoutError");
}

export function extensionMessage(turn: Turn, client: ClientState, message: ExtensionMessage): void {
  switch (message.op) {
    case "variable-future-received-confirm":
      confirmVariable(turn, client, message);
      return;
    case "variable_delete":
      deleteVariable(turn, message.name);
      return;
    case "queue-future-release":
      confirmItem(turn, client, message);
      return;
    case "queue_release":
      closeQueue(turn, message.name);
      return;
    case "publish_flush_batched_send":
      flushed(turn, client.id, message.uid);
      return;
    default:
      assertNever(message);
  }
}

/** Answers those who waited long enough, and those whose task has become known. */
export function tendExtensions(turn: Turn): void {
  const { extensions, tasks } = turn.state;
  for (const requestId of extensions.awaitingKey) {
    const asked = extensions.waiting.get(requestId) as Giving;
    if (tasks.get(taskKey(asked.request.key)) === undefined) continue;
    unpark(turn, requestId, extensions.awaitingKey);
    answer(turn, asked);
  }
  expireLeases(turn);
  for (let asked = nextOverdue(turn); asked !== undefined; asked = nextOverdue(turn)) {
    end(turn, asked, true);
  }
}

/** Nobody waits for the answer any more. */
export function abandonExtension(turn: Turn, requestId: RequestId): void {
  const asked = turn.state.extensions.waiting.get(requestId);
  if (asked !== undefined) end(turn, asked, false);
}

function end(turn: Turn, asked: Waiting, isLate: boolean): void {
  const { extensions } = turn.state;
  if (extensions.awaitingKey.has(asked.requestId)) {
    unpark(turn, asked.requestId, extensions.awaitingKey);
    if (isLate) refuseKey(turn, asked as Giving);
    return;
  }
  switch (asked.request.op) {
    case "variable_get":
      endGet(turn, asked as Asked<"variable_get">, isLate);
      return;
    case "queue_get":
      endGetItems(turn, asked as Asked<"queue_get">, isLate);
      return;
    case "queue_put":
      endPut(turn, asked as Asked<"queue_put">, isLate);
      return;
    case "event_wait":
      endWait(turn, asked as Asked<"event_wait">, isLate);
      return;
    case "semaphore_acquire":
      endAcquire(turn, asked as Asked<"semaphore_acquire">, isLate);
      return;
    case "multi_lock_acquire":
      endAcquireLocks(turn, asked as Asked<"multi_lock_acquire">, isLate);
      return;
    case "publish_put":
    case "publish_delete":
      endFlush(turn, asked as Asked<"publish_put">, isLate);
      return;
    default:
      extensions.waiting.delete(asked.requestId);
  }
}

/** A client is gone for good: nobody waits for its confirmations and marks any more. */
export function forgetClient(turn: Turn, client: ClientId): void {
  forgetTaker(turn, client);
  forgetMarks(turn, client);
  if (turn.state.extensions.queueRefs.size > 0 && isLast(turn)) forgetTaken(turn);
}

/** All that are left stand for things, not for programs. */
function isLast({ state }: Turn): boolean {
  if (state.clientOfLink.size > 0) return false;
  for (const client of state.clients.values()) if (!isPseudo(client)) return false;
  return true;
}
