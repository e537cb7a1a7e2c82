// Locks of several names at once. Whoever asks stands in line for each of them, and goes on as soon
// as it is first in as many lines as it needs; all lines are left together. Corresponds to dask's
// MultiLockExtension.
import { assert } from "@acme/protocol";
import type { RequestId } from "../events.js";
import { refuse, reply, type Turn } from "../turn.js";
import { nameOf } from "./names.js";
import type { Asked, LockHolder, Name } from "./state.js";
import { hasRoomForName } from "./stored.js";
import { park } from "./waiting.js";

export function acquireLocks(turn: Turn, asked: Asked<"multi_lock_acquire">): void {
  const { extensions } = turn.state;
  const { id, locks, num_locks } = asked.request;
  const names = new Set(locks.map((lock) => nameOf(lock)));
  const needed = num_locks ?? names.size;
  const wrong = whyNot(extensions.lockHolders.has(id), needed, names.size);
  if (wrong !== null) {
    refuse(turn, asked.requestId, wrong, "AssertionError");
    return;
  }
  if (!hasRoomForName(turn, asked)) return;
  const holder: LockHolder = { locks: new Set(), left: needed, requestId: null };
  extensions.lockHolders.set(id, holder);
  if (standInLine(turn, id, holder, names)) {
    reply(turn, asked.requestId, true);
    return;
  }
  const line = new Set<RequestId>();
  if (!park(turn, asked, line)) endAcquireLocks(turn, asked, true);
  else if (line.size === 0) leaveLines(turn, id);
  else holder.requestId = asked.requestId;
}

function whyNot(isKnown: boolean, needed: number, offered: number): string | null {
  if (isKnown) return "this MultiLock is held or asked for already";
  return needed > 0 && needed <= offered ? null : `${needed} locks are wanted of ${offered}`;
}

/** Shortest line first; those that are not needed any more are left alone. */
function standInLine(turn: Turn, id: string, holder: LockHolder, names: Set<Name>): boolean {
  const { locks } = turn.state.extensions;
  const lengthOf = (name: Name): number => locks.get(name)?.length ?? 0;
  for (const name of [...names].sort((a, b) => lengthOf(a) - lengthOf(b))) {
    const line = locks.get(name) ?? [];
    locks.set(name, line);
    line.push(id);
    holder.locks.add(name);
    if (line.length > 1) continue;
    holder.left -= 1;
    if (holder.left === 0) return true;
  }
  return false;
}

export function releaseLocks(
  turn: Turn,
  { requestId, request }: Asked<"multi_lock_release">,
): void {
  if (!turn.state.extensions.lockHolders.has(request.id)) {
    refuse(turn, requestId, `no MultiLock holds locks as ${request.id}`, "KeyError");
    return;
  }
  leaveLines(turn, request.id);
  reply(turn, requestId, null);
}

function leaveLines(turn: Turn, id: string): void {
  const { locks, lockHolders } = turn.state.extensions;
  const holder = lockHolders.get(id);
  lockHolders.delete(id);
  for (const name of holder?.locks ?? []) {
    const line = locks.get(name) ?? [];
    const place = line.indexOf(id);
    line.splice(place, 1);
    if (line.length === 0) locks.delete(name);
    else if (place === 0) moveUp(turn, line[0] as string);
  }
}

function moveUp(turn: Turn, id: string): void {
  const { lockHolders, waiting } = turn.state.extensions;
  const holder = lockHolders.get(id);
  assert(holder !== undefined, `${id} stands in line for a lock and is not known`);
  // Whoever needs only some may become first in further lines.
  holder.left = Math.max(0, holder.left - 1);
  if (holder.left > 0 || holder.requestId === null) return;
  waiting.delete(holder.requestId);
  reply(turn, holder.requestId, true);
  holder.requestId = null;
}

/** Nobody waits for it any more, or its time is up. */
export function endAcquireLocks(
  turn: Turn,
  asked: Asked<"multi_lock_acquire">,
  isLate: boolean,
): void {
  turn.state.extensions.waiting.delete(asked.requestId);
  leaveLines(turn, asked.request.id);
  if (isLate) reply(turn, asked.requestId, false);
}
