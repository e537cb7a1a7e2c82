// Checks what the extensions remember: counts of what is held, and that every request that waits
// stands in the one line that it waits in. A broken one is a program error.
import { assert } from "@acme/protocol";
import type { RequestId } from "../events.js";
import { itemCount } from "./queue-items.js";
import type { Extensions, Stored } from "./state.js";

export function validateExtensions(extensions: Extensions): void {
  validateHeld(extensions);
  validateLines(extensions);
  validateLocks(extensions);
  for (const semaphore of extensions.leased) {
    assert(semaphore.leases.size > 0, "a semaphore without leases is looked at for them");
  }
}

function validateHeld(extensions: Extensions): void {
  const { variables, queues, datasets, waiting } = extensions;
  let bytes = 0;
  let items = 0;
  const count = (stored: Stored): void => {
    bytes += stored.bytes;
    items += 1;
  };
  for (const { items: all, head } of queues.values()) all.slice(head).forEach(count);
  for (const { request, taken } of waiting.values()) {
    if (request.op === "queue_put") taken.forEach(count);
  }
  for (const { stored } of variables.values()) bytes += stored?.bytes ?? 0;
  for (const { data } of datasets.values()) bytes += data.nbytes;
  assert(items === extensions.heldItems, `${items} items are held, not ${extensions.heldItems}`);
  assert(bytes === extensions.heldBytes, `${bytes} bytes are held, not ${extensions.heldBytes}`);
}

function validateLines(extensions: Extensions): void {
  const { waiting, awaitingKey, variables, queues, flags, semaphores } = extensions;
  const seen = new Set<RequestId>();
  const line = (requests: Iterable<RequestId>): void => {
    for (const requestId of requests) {
      assert(waiting.has(requestId), `request ${requestId} stands in line and waits not`);
      assert(!seen.has(requestId), `request ${requestId} stands in two lines`);
      seen.add(requestId);
    }
  };
  line(awaitingKey);
  line(extensions.flushing.values());
  for (const { getters, stored } of variables.values()) {
    line(getters);
    assert(stored === null || getters.size === 0, "somebody waits for a variable that is set");
  }
  for (const queue of queues.values()) {
    line(queue.getters);
    line(queue.putters);
    const idle = queue.getters.size === 0 || itemCount(queue) === 0;
    assert(idle, "somebody waits for items of a queue that has some");
    const hasRoom = queue.maxsize <= 0 || itemCount(queue) < queue.maxsize;
    assert(!hasRoom || queue.putters.size === 0, "somebody waits for room in a queue that has it");
  }
  for (const { isSet, waiters } of flags.values()) {
    line(waiters);
    assert(isSet !== waiters.size > 0, "an event is waited for and set, or neither");
  }
  for (const { waiters } of semaphores.values()) line(waiters);
  for (const { requestId } of extensions.lockHolders.values()) {
    if (requestId !== null) line([requestId]);
  }
  assert(seen.size === waiting.size, `${waiting.size - seen.size} requests wait in no line`);
}

function validateLocks({ locks, lockHolders }: Extensions): void {
  for (const [name, ids] of locks) {
    assert(ids.length > 0, `nobody stands in line for lock ${name}`);
    for (const id of ids) {
      assert(lockHolders.get(id)?.locks.has(name) === true, `${id} is not known to want ${name}`);
    }
  }
  for (const [id, holder] of lockHolders) {
    let first = 0;
    for (const name of holder.locks) {
      const ids = locks.get(name) ?? [];
      assert(ids.includes(id), `${id} does not stand in line for ${name}`);
      if (ids[0] === id) first += 1;
    }
    const isThrough = holder.left === 0;
    assert(isThrough === (holder.requestId === null), `${id} waits for locks that it has`);
    assert(isThrough ? first > 0 : true, `${id} holds nothing`);
  }
}
