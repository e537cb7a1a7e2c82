// The barrier of a shuffle: all inputs are handed over, and every participant has to hear of it
// before the barrier task may end. A connection that fails is tried again as long as its worker
// is there. Corresponds to barrier of dask's shuffle plugin.
import type { WorkerAddress } from "@acme/protocol";
import type { CoreRequest, RequestId } from "../../events.js";
import { coreLimits } from "../../limits.js";
import type { CallFailure } from "../../outbox.js";
import type { ParkedBarrier } from "../../parked.js";
import { log, refuse, reply, type Turn, wakeBy } from "../../turn.js";
import { endShuffle } from "./end.js";
import type { Shuffle } from "./shuffles.js";

type Barrier = Extract<CoreRequest, { op: "shuffle_barrier" }>;

export function reachBarrier(turn: Turn, requestId: RequestId, request: Barrier): void {
  const { id, run_id: runId, consistent } = request;
  const shuffle = turn.state.shuffles.active.get(id);
  if (shuffle === undefined || shuffle.runId !== runId) {
    refuse(turn, requestId, `run ${runId} of shuffle ${id} is over`);
    return;
  }
  if (!consistent) {
    endShuffle(turn, shuffle, "its inputs came from different runs");
    reply(turn, requestId, null);
    return;
  }
  const parked: ParkedBarrier = {
    kind: "shuffle-barrier",
    requestId,
    deadlineMs: Number.POSITIVE_INFINITY,
    shuffle: id,
    runId,
    calls: new Map(),
    again: [],
    failures: 0,
  };
  turn.state.parked.set(requestId, parked);
  tell(turn, parked, [...shuffle.participants]);
}

function tell(turn: Turn, parked: ParkedBarrier, workers: readonly WorkerAddress[]): void {
  const { state, out } = turn;
  const { shuffle, runId, requestId } = parked;
  const request = { op: "shuffle_inputs_done", shuffle_id: shuffle, run_id: runId };
  for (const address of workers) {
    state.nextCall += 1;
    parked.calls.set(state.nextCall, address);
    state.calls.set(state.nextCall, requestId);
    out.calls.push({
      callId: state.nextCall,
      address,
      request,
      timeoutMs: coreLimits.inputsDoneTimeoutMs,
    });
  }
}

/** A participant has heard of it, or not; `answered`: it answered that it cannot. */
export function inputsDone(
  turn: Turn,
  parked: ParkedBarrier,
  callId: number,
  failure: CallFailure | null,
): void {
  const address = parked.calls.get(callId);
  if (address === undefined) return;
  parked.calls.delete(callId);
  if (failure !== null) {
    if (failure.answered) {
      end(turn, parked, `worker ${address} could not end the transfer: ${failure.failure}`);
      return;
    }
    if (!turn.state.workers.has(address)) {
      end(turn, parked, `worker ${address} left during shuffle ${parked.shuffle}`);
      return;
    }
    parked.again.push(address);
    parked.failures += 1;
    if (parked.failures > coreLimits.inputsDoneFailures) {
      end(turn, parked, `worker ${address} cannot be reached: ${failure.failure}`);
      return;
    }
    parked.deadlineMs = turn.nowMs + coreLimits.inputsDoneRetryMs;
    wakeBy(turn, parked.deadlineMs);
  }
  if (parked.calls.size > 0 || parked.again.length > 0) return;
  turn.state.parked.delete(parked.requestId);
  reply(turn, parked.requestId, null);
}

function end(turn: Turn, parked: ParkedBarrier, why: string): void {
  turn.state.parked.delete(parked.requestId);
  const text = `shuffle ${parked.shuffle}, run ${parked.runId}, did not pass its barrier: ${why}`;
  log(turn, { level: "warn", event: "shuffle-barrier-failed", text });
  refuse(turn, parked.requestId, text);
}

/** Time to call those again who could not be reached. */
export function tendBarrier(turn: Turn, parked: ParkedBarrier): void {
  if (parked.deadlineMs > turn.nowMs) {
    wakeBy(turn, parked.deadlineMs);
    return;
  }
  const { again } = parked;
  parked.again = [];
  parked.deadlineMs = Number.POSITIVE_INFINITY;
  tell(turn, parked, again);
}

/** The run is over: whoever stands at its barrier need not wait. */
export function refuseBarriers(turn: Turn, { id, runId }: Shuffle): void {
  for (const parked of turn.state.parked.values()) {
    if (parked.kind !== "shuffle-barrier") continue;
    if (parked.shuffle !== id || parked.runId !== runId) continue;
    turn.state.parked.delete(parked.requestId);
    refuse(turn, parked.requestId, `run ${runId} of shuffle ${id} is over`);
  }
}
