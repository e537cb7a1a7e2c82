// Queues: items by name in order, with as many as fit, for those who wait in order too. A future in
// one is kept alive in its name until whoever took it has said so. Corresponds to dask's
// QueueExtension.
import { type TaskKey, taskKey, type WireKey } from "@acme/protocol";
import type { ClientState } from "../client-state.js";
import { refuse, reply, type Turn } from "../turn.js";
import { nameOf, shown } from "./names.js";
import { handOver, keepFor, releaseFor } from "./pseudo-client.js";
import { itemCount, pushItem, putBack, takeItem } from "./queue-items.js";
import type { Asked, Name, Queue, Waiting } from "./state.js";
import { hasRoomForBytes, hasRoomForName, recordOf, storedOf } from "./stored.js";
import { next, park, refuseLate, unpark } from "./waiting.js";

const keeper = (name: Name): string => `queue-${shown(name)}`;

export function createQueue(turn: Turn, asked: Asked<"queue_create">): void {
  const { queues } = turn.state.extensions;
  const name = nameOf(asked.request.name);
  const known = queues.get(name);
  if (known !== undefined) known.users += 1;
  else {
    if (!hasRoomForName(turn, asked)) return;
    const maxsize = asked.request.maxsize ?? 0;
    const [getters, putters] = [new Set<number>(), new Set<number>()];
    queues.set(name, { maxsize, users: 1, items: [], head: 0, getters, putters });
  }
  reply(turn, asked.requestId, null);
}

/** The last of its users takes a queue with it, and with it all that waits there. */
export function closeQueue(turn: Turn, wire: WireKey): void {
  const { extensions } = turn.state;
  const name = nameOf(wire);
  const queue = extensions.queues.get(name);
  if (queue === undefined) return;
  queue.users -= 1;
  if (queue.users > 0) return;
  extensions.queues.delete(name);
  for (let item = takeItem(turn, queue); item !== null; item = takeItem(turn, queue)) {
    if (item.key !== null) unrefer(turn, name, item.key);
  }
  for (const line of [queue.getters, queue.putters]) {
    for (let one = next(turn, line); one !== undefined; one = next(turn, line)) {
      if (one.request.op === "queue_put") forgetPut(turn, one as Asked<"queue_put">);
      for (const { key } of one.taken) if (key !== null) unrefer(turn, name, key);
      unknown(turn, one.requestId, name);
    }
  }
}

function unknown(turn: Turn, requestId: number, name: Name): void {
  refuse(turn, requestId, `there is no queue ${shown(name)}, or no more`, "KeyError");
}

export function putItem(turn: Turn, asked: Asked<"queue_put">, key: TaskKey | null): void {
  const { extensions, tasks } = turn.state;
  const name = nameOf(asked.request.name);
  const queue = extensions.queues.get(name);
  if (queue === undefined) {
    unknown(turn, asked.requestId, name);
    return;
  }
  const stored = storedOf(asked.request, key);
  if (!hasRoomForBytes(turn, asked, stored.bytes)) return;
  const task = key === null ? undefined : tasks.get(key);
  if (key !== null && task !== undefined) {
    refer(turn, name, key);
    keepFor(turn, keeper(name), task);
  }
  asked.taken.push(stored);
  extensions.heldItems += 1;
  extensions.heldBytes += stored.bytes;
  if (queue.maxsize <= 0 || itemCount(queue) < queue.maxsize) {
    admit(turn, queue, asked);
    serve(turn, queue);
  } else if (!park(turn, asked, queue.putters)) {
    endPut(turn, asked, true);
  } else if (!queue.putters.has(asked.requestId)) forgetPut(turn, asked);
}

function admit(turn: Turn, queue: Queue, asked: Waiting): void {
  for (const stored of asked.taken) pushItem(queue, stored);
  asked.taken = [];
  reply(turn, asked.requestId, null);
}

/** Gives items to those who wait for them, and lets in those who waited for room. */
function serve(turn: Turn, queue: Queue): void {
  for (;;) {
    while (queue.maxsize <= 0 || itemCount(queue) < queue.maxsize) {
      const putter = next(turn, queue.putters);
      if (putter === undefined) break;
      admit(turn, queue, putter);
    }
    const [requestId] = queue.getters;
    if (requestId === undefined || itemCount(queue) === 0) return;
    const getter = turn.state.extensions.waiting.get(requestId) as Asked<"queue_get">;
    if (!fill(turn, queue, getter)) return;
    unpark(turn, requestId, queue.getters);
    answer(turn, getter);
  }
}

/** Whether the getter has all that it asked for. */
function fill(turn: Turn, queue: Queue, getter: Asked<"queue_get">): boolean {
  const { batch } = getter.request;
  const wanted = typeof batch === "number" && batch > 0 ? batch : 1;
  while (getter.taken.length < wanted) {
    const item = takeItem(turn, queue);
    if (item === null) return false;
    getter.taken.push(item);
  }
  return true;
}

function answer(turn: Turn, { requestId, request, taken }: Asked<"queue_get">): void {
  const records = taken.map((stored) => recordOf(turn, stored));
  const { batch } = request;
  const isBatch = typeof batch === "number" ? batch !== 0 : batch === true;
  reply(turn, requestId, isBatch ? records : records[0]);
}

export function getItems(turn: Turn, asked: Asked<"queue_get">): void {
  const name = nameOf(asked.request.name);
  const queue = turn.state.extensions.queues.get(name);
  if (queue === undefined) {
    unknown(turn, asked.requestId, name);
    return;
  }
  const { batch, timeout } = asked.request;
  if (batch === true) {
    for (let item = takeItem(turn, queue); item !== null; item = takeItem(turn, queue)) {
      asked.taken.push(item);
    }
    answer(turn, asked);
  } else if (typeof batch === "number" && batch > 0 && timeout !== undefined) {
    const text = "Dask queues don't support simultaneous use of integer batch sizes and timeouts";
    refuse(turn, asked.requestId, text, "NotImplementedError");
    return;
  } else if (queue.getters.size === 0 && fill(turn, queue, asked)) answer(turn, asked);
  else if (!park(turn, asked, queue.getters)) endGetItems(turn, asked, true);
  else if (!queue.getters.has(asked.requestId)) putBack(turn, queue, asked.taken);
  serve(turn, queue);
}

/** Nobody waits for it any more, or its time is up: what it has goes back to where it was. */
export function endGetItems(turn: Turn, asked: Asked<"queue_get">, isLate: boolean): void {
  const name = nameOf(asked.request.name);
  const queue = turn.state.extensions.queues.get(name);
  if (queue !== undefined) {
    unpark(turn, asked.requestId, queue.getters);
    putBack(turn, queue, asked.taken);
    serve(turn, queue);
  }
  if (isLate) refuseLate(turn, asked);
}

export function endPut(turn: Turn, asked: Asked<"queue_put">, isLate: boolean): void {
  const name = nameOf(asked.request.name);
  const queue = turn.state.extensions.queues.get(name);
  if (queue !== undefined) unpark(turn, asked.requestId, queue.putters);
  forgetPut(turn, asked);
  if (isLate) refuseLate(turn, asked);
}

/** What a putter brought is no longer there. */
function forgetPut(turn: Turn, asked: Asked<"queue_put">): void {
  const { extensions } = turn.state;
  for (const { key, bytes } of asked.taken) {
    extensions.heldItems -= 1;
    extensions.heldBytes -= bytes;
    if (key !== null) unrefer(turn, nameOf(asked.request.name), key);
  }
  asked.taken = [];
}

export function queueSize(turn: Turn, { requestId, request }: Asked<"queue_qsize">): void {
  const name = nameOf(request.name);
  const queue = turn.state.extensions.queues.get(name);
  if (queue === undefined) unknown(turn, requestId, name);
  else reply(turn, requestId, itemCount(queue));
}

/** A client has what it took from a queue, and wants it from now on. */
export function confirmItem(
  turn: Turn,
  client: ClientState,
  message: { name: WireKey; key: WireKey },
): void {
  const key = taskKey(message.key);
  handOver(turn, client, key);
  unrefer(turn, nameOf(message.name), key);
}

/** Nobody is left who could confirm what was taken: only what still lies in a queue is kept. */
export function forgetTaken(turn: Turn): void {
  const { queueRefs, queues, waiting } = turn.state.extensions;
  for (const [name, refs] of queueRefs) {
    const queue = queues.get(name);
    const lying = new Map<TaskKey, number>();
    const asked = [...(queue?.putters ?? []), ...(queue?.getters ?? [])];
    const held = asked.flatMap((requestId) => waiting.get(requestId)?.taken ?? []);
    for (const { key } of [...(queue?.items.slice(queue.head) ?? []), ...held]) {
      if (key !== null) lying.set(key, (lying.get(key) ?? 0) + 1);
    }
    for (const [key, count] of [...refs]) {
      for (let i = lying.get(key) ?? 0; i < count; i++) unrefer(turn, name, key);
    }
  }
}

function refer(turn: Turn, name: Name, key: TaskKey): void {
  const { queueRefs } = turn.state.extensions;
  let refs = queueRefs.get(name);
  if (refs === undefined) {
    refs = new Map();
    queueRefs.set(name, refs);
  }
  refs.set(key, (refs.get(key) ?? 0) + 1);
}

function unrefer(turn: Turn, name: Name, key: TaskKey): void {
  const { queueRefs } = turn.state.extensions;
  const refs = queueRefs.get(name);
  const count = refs?.get(key);
  if (refs === undefined || count === undefined) return;
  if (count > 1) {
    refs.set(key, count - 1);
    return;
  }
  refs.delete(key);
  if (refs.size === 0) queueRefs.delete(name);
  releaseFor(turn, keeper(name), [key]);
}
