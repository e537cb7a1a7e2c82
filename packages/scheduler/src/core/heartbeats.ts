// Signs of life of workers, and those that give none for too long.
// What follows for the tasks of a removed worker is left to workers.ts. Corresponds to
// heartbeat_worker and check_worker_ttl of dask's scheduler.py.

import { taskKey } from "@acme/protocol";
import { believedUs } from "./durations.js";
import type { CoreRequest, Link, RequestId } from "./events.js";
import { noteProgress } from "./extensions/shuffle/progress.js";
import { coreLimits } from "./limits.js";
import { noteMemory } from "./operations/process-memory.js";
import { reply, type Turn, wakeBy } from "./turn.js";
import type { WorkerState } from "./worker-state.js";
import { heartbeatIntervalS, removeWorker } from "./workers.js";

type Heartbeat = Extract<CoreRequest, { op: "heartbeat_worker" }>;

export function heartbeat(turn: Turn, requestId: RequestId, request: Heartbeat): void {
  const state = turn.state;
  const worker = state.workers.get(request.address as never);
  const stranger =
    worker === undefined ||
    (request.server_id !== undefined &&
      worker.serverId !== null &&
      request.server_id !== worker.serverId);
  if (stranger) {
    reply(turn, requestId, { status: "missing" });
    return;
  }
  worker.lastSeenMs = turn.nowMs;
  worker.metrics = request.metrics;
  noteProgress(state, worker, request.extensions);
  noteMemory(worker, turn.nowMs);
  for (const [wire, seconds] of request.executing ?? []) {
    const task = state.tasks.get(taskKey(wire));
    if (task === undefined || task.flight?.worker !== worker) continue;
    const prefix = task.group.prefix;
    const runningUs = believedUs(seconds);
    if (runningUs > prefix.runningUs) prefix.runningUs = runningUs;
  }
  reply(turn, requestId, {
    status: "OK",
    time: turn.nowMs / 1000,
    "heartbeat-interval": heartbeatIntervalS(state.workers.size),
  });
}

/**
 * Has it looked whether the machines of silent workers can still be reached. A network that is gone
 * says nothing, and a connection with something on its way is given up only after a quarter of an
 * hour; a worker that is only busy, or stopped, is on a machine that answers.
 */
export function probeSilent(turn: Turn): void {
  const { state, nowMs } = turn;
  if (state.workers.size === 0) return;
  const beats = coreLimits.silentHeartbeats * heartbeatIntervalS(state.workers.size) * 1000;
  const allowedMs = Math.max(coreLimits.silentMs, beats);
  if (nowMs >= state.nextProbeMs) {
    let nextMs = nowMs + allowedMs;
    for (const worker of state.workers.values()) {
      // A look that found it in good order counts as a sign of life for as long.
      const dueMs = Math.max(worker.lastSeenMs, worker.probedMs) + allowedMs;
      if (nowMs < dueMs) {
        nextMs = Math.min(nextMs, dueMs);
        continue;
      }
      worker.probedMs = nowMs;
      turn.out.probes.push({ link: worker.link, address: worker.address });
    }
    state.nextProbeMs = nextMs;
  }
  wakeBy(turn, state.nextProbeMs);
}

/** Nobody answers where a silent worker is. It may have been heard of meanwhile. */
export function unreachable(turn: Turn, link: Link, why: string): void {
  const worker = turn.state.workerOfLink.get(link);
  if (worker === undefined || worker.lastSeenMs > worker.probedMs) return;
  const seconds = Math.round((turn.nowMs - worker.lastSeenMs) / 1000);
  const reason = `silent for ${seconds} s, and its machine cannot be reached: ${why}`;
  removeWorker(turn, worker, { expected: false, reason });
}

/** A process of Python's that hangs does not notice that it is given up: its nanny makes another. */
function haveReplaced(turn: Turn, { nanny, acme }: WorkerState): void {
  if (nanny === null || acme > 0) return;
  turn.state.nextCall += 1;
  const request = { op: "kill", reason: "scheduler-worker-ttl" };
  const timeoutMs = coreLimits.callTimeoutMs;
  turn.out.calls.push({ callId: turn.state.nextCall, address: nanny, request, timeoutMs });
}

/** Removes workers that were silent for longer than their time to live. */
export function removeSilent(turn: Turn): void {
  const state = turn.state;
  const ttlMs = state.settings.workerTtlMs;
  if (ttlMs === null || state.workers.size === 0) return;
  const allowedMs = Math.max(ttlMs, 10_000 * heartbeatIntervalS(state.workers.size));
  if (turn.nowMs >= state.nextSilenceCheckMs) {
    let oldestMs = turn.nowMs;
    for (const worker of [...state.workers.values()]) {
      if (turn.nowMs - worker.lastSeenMs >= allowedMs) {
        const seconds = Math.round((turn.nowMs - worker.lastSeenMs) / 1000);
        removeWorker(turn, worker, { expected: false, reason: `silent for ${seconds} s` });
        haveReplaced(turn, worker);
      } else oldestMs = Math.min(oldestMs, worker.lastSeenMs);
    }
    state.nextSilenceCheckMs = oldestMs + allowedMs;
  }
  wakeBy(turn, state.nextSilenceCheckMs);
}
