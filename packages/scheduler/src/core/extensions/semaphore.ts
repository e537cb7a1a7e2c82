// Semaphores: so many leases by name. A lease that nobody confirms for a while is given to the next
// one who waits. A lock is a semaphore of one lease. Corresponds to dask's SemaphoreExtension.
import type { WireKey } from "@acme/protocol";
import { coreLimits } from "../limits.js";
import { log, refuse, reply, type Turn, wakeBy } from "../turn.js";
import { nameOf, shown } from "./names.js";
import type { Asked, Semaphore } from "./state.js";
import { hasRoomForName } from "./stored.js";
import { next, park, unpark } from "./waiting.js";

const semaphoreNamed = (turn: Turn, name: WireKey): Semaphore | undefined =>
  turn.state.extensions.semaphores.get(nameOf(name));

export function registerSemaphore(turn: Turn, asked: Asked<"semaphore_register">): void {
  const { name, max_leases, lease_timeout } = asked.request;
  const known = semaphoreNamed(turn, name);
  if (known === undefined) {
    if (!hasRoomForName(turn, asked)) return;
    const leaseTimeoutMs = lease_timeout === undefined ? null : lease_timeout * 1000;
    const [leases, waiters] = [new Map<string, number>(), new Set<number>()];
    const made = { maxLeases: max_leases, leaseTimeoutMs, leases, waiters };
    turn.state.extensions.semaphores.set(nameOf(name), made);
  } else if (known.maxLeases !== max_leases) {
    const text = `Inconsistent max leases: ${max_leases}, expected: ${known.maxLeases}`;
    refuse(turn, asked.requestId, text, "ValueError");
    return;
  }
  reply(turn, asked.requestId, null);
}

export function acquireLease(turn: Turn, asked: Asked<"semaphore_acquire">): void {
  const { name, lease_id } = asked.request;
  const semaphore = semaphoreNamed(turn, name);
  if (semaphore === undefined) refuseUnknown(turn, asked);
  else if (semaphore.leases.has(lease_id) || hasRoom(semaphore)) grant(turn, semaphore, asked);
  else if (!park(turn, asked, semaphore.waiters)) reply(turn, asked.requestId, false);
}

/** Whoever waits comes first. */
const hasRoom = (semaphore: Semaphore): boolean =>
  semaphore.waiters.size === 0 && hasLease(semaphore);

const hasLease = ({ leases, maxLeases }: Semaphore): boolean =>
  leases.size < Math.min(maxLeases, coreLimits.leases);

function grant(turn: Turn, semaphore: Semaphore, asked: Asked<"semaphore_acquire">): void {
  confirm(turn, semaphore, asked.request.lease_id);
  reply(turn, asked.requestId, true);
}

function confirm(turn: Turn, semaphore: Semaphore, leaseId: string): void {
  semaphore.leases.set(leaseId, turn.nowMs);
  if (semaphore.leaseTimeoutMs === null) return;
  const { extensions } = turn.state;
  if (extensions.leased.size === 0) {
    extensions.nextLeaseCheckMs = turn.nowMs + coreLimits.leaseCheckMs;
  }
  extensions.leased.add(semaphore);
}

function refuseUnknown(turn: Turn, asked: Asked<"semaphore_acquire">): void {
  const name = shown(nameOf(asked.request.name));
  refuse(turn, asked.requestId, `Semaphore or Lock \`${name}\` not known.`, "RuntimeError");
}

export function releaseLease(turn: Turn, { requestId, request }: Asked<"semaphore_release">): void {
  const semaphore = semaphoreNamed(turn, request.name);
  if (semaphore?.leases.has(request.lease_id) === true) giveUp(turn, semaphore, request.lease_id);
  else {
    const name = shown(nameOf(request.name));
    const text = `a lease of ${name} was released that is not known: it may have expired before`;
    log(turn, { level: "warn", event: "unknown-lease", text });
  }
  reply(turn, requestId, null);
}

function giveUp(turn: Turn, semaphore: Semaphore, leaseId: string): void {
  semaphore.leases.delete(leaseId);
  if (semaphore.leases.size === 0) turn.state.extensions.leased.delete(semaphore);
  while (hasLease(semaphore)) {
    const waiter = next(turn, semaphore.waiters);
    if (waiter === undefined) return;
    grant(turn, semaphore, waiter as Asked<"semaphore_acquire">);
  }
}

/** A lease that expired meanwhile is there again, beside those that were given since. */
export function refreshLeases(
  turn: Turn,
  { requestId, request }: Asked<"semaphore_refresh_leases">,
): void {
  const semaphore = semaphoreNamed(turn, request.name);
  if (semaphore !== undefined) {
    for (const id of request.lease_ids) {
      const isKnown = semaphore.leases.has(id);
      if (!isKnown && semaphore.leases.size >= coreLimits.leases) continue;
      confirm(turn, semaphore, id);
      if (isKnown) continue;
      const name = shown(nameOf(request.name));
      const text = `a lease of ${name} is in use after it expired: there may be too many now`;
      log(turn, { level: "warn", event: "overbooked", text });
    }
  }
  reply(turn, requestId, null);
}

export function closeSemaphore(turn: Turn, { requestId, request }: Asked<"semaphore_close">): void {
  const { extensions } = turn.state;
  const semaphore = semaphoreNamed(turn, request.name);
  if (semaphore !== undefined) {
    extensions.semaphores.delete(nameOf(request.name));
    extensions.leased.delete(semaphore);
    const { waiters } = semaphore;
    for (let one = next(turn, waiters); one !== undefined; one = next(turn, waiters)) {
      refuseUnknown(turn, one as Asked<"semaphore_acquire">);
    }
  }
  reply(turn, requestId, null);
}

export function leaseCount(turn: Turn, { requestId, request }: Asked<"semaphore_value">): void {
  reply(turn, requestId, semaphoreNamed(turn, request.name)?.leases.size ?? 0);
}

/** Nobody waits for it any more, or its time is up. */
export function endAcquire(turn: Turn, asked: Asked<"semaphore_acquire">, isLate: boolean): void {
  const semaphore = semaphoreNamed(turn, asked.request.name);
  if (semaphore !== undefined) unpark(turn, asked.requestId, semaphore.waiters);
  if (isLate) reply(turn, asked.requestId, false);
}

/** Gives up leases that nobody has confirmed in time. */
export function expireLeases(turn: Turn): void {
  const { extensions } = turn.state;
  if (extensions.leased.size === 0) return;
  if (turn.nowMs >= extensions.nextLeaseCheckMs) {
    extensions.nextLeaseCheckMs = turn.nowMs + coreLimits.leaseCheckMs;
    for (const semaphore of [...extensions.leased]) {
      const oldestMs = turn.nowMs - (semaphore.leaseTimeoutMs ?? 0);
      for (const [id, seenMs] of [...semaphore.leases]) {
        if (seenMs < oldestMs) giveUp(turn, semaphore, id);
      }
    }
  }
  if (extensions.leased.size > 0) wakeBy(turn, extensions.nextLeaseCheckMs);
}
