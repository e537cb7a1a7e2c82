// One call of `step` as the handlers see it: state, outbox, time, and the cause of what is being
// done. Also the only way to send: a message without a current link goes nowhere.
import {
  type PythonException,
  type SchedulerToClient,
  type SchedulerToWorker,
  type StimulusId,
  type TaskKey,
  wireKey,
} from "@acme/protocol";
import type { ClientState } from "./client-state.js";
import type { RequestId } from "./events.js";
import { keepNotice } from "./notices.js";
import { type LogEntry, type Outbox, send } from "./outbox.js";
import type { SchedulerState } from "./state.js";
import type { Task } from "./task.js";
import type { WorkerState } from "./worker-state.js";

export class Turn {
  readonly state: SchedulerState;
  readonly out: Outbox;
  readonly nowMs: number;
  /** Names the cause in messages and in the story. */
  stimulus: StimulusId = "" as StimulusId;
  /** Recommended next states, worked off last in, first out (`transitions/engine.ts`). */
  readonly recommended: Task[] = [];
  /** Keys to free per worker, sent as one message at the end of the step. */
  readonly freed: Map<WorkerState, TaskKey[]> = new Map();
  /** Tasks that changed, for validation; null: nobody asks. */
  touched: Task[] | null = null;
  /** Bytes of inline results given to each client in this step. */
  readonly inlined: Map<ClientState, number> = new Map();
  /** Workers that ran out of work in this step. */
  readonly idle: Set<WorkerState> = new Set();
  /** Keys of client messages that this step may still work on, and tasks it may hand out. */
  keysLeft: number;
  placementsLeft: number;
  /** Workers came, went or changed. */
  workersChanged = false;

  constructor(state: SchedulerState, out: Outbox, nowMs: number) {
    this.state = state;
    this.out = out;
    this.nowMs = nowMs;
    this.keysLeft = state.settings.keysPerStep;
    this.placementsLeft = state.settings.placementsPerStep;
  }
}

/** A fresh stimulus id, current until the next one. */
export function stimulate(turn: Turn, cause: string): StimulusId {
  turn.state.stimuli += 1;
  turn.stimulus = `${cause}-${turn.state.settings.incarnation}.${turn.state.stimuli}` as StimulusId;
  return turn.stimulus;
}

export function toWorker(turn: Turn, worker: WorkerState, message: SchedulerToWorker): void {
  if (worker.link >= 0) send(turn.out, worker.link, message);
}

/** Tells a worker to drop a key; all keys of one worker go out as one message. */
export function freeKey(turn: Turn, worker: WorkerState, key: TaskKey): void {
  if (worker.link < 0) return;
  const keys = turn.freed.get(worker);
  if (keys === undefined) turn.freed.set(worker, [key]);
  else keys.push(key);
}

/** Sends what was freed so far; before anything that could give a worker the same key again. */
export function flushFreed(turn: Turn): void {
  if (turn.freed.size === 0) return;
  for (const [worker, keys] of turn.freed) {
    const stimulus_id = turn.stimulus;
    toWorker(turn, worker, { op: "free-keys", keys: keys.map(wireKey), stimulus_id });
  }
  turn.freed.clear();
}

export function toClient(turn: Turn, client: ClientState, message: SchedulerToClient): void {
  if (client.link >= 0) send(turn.out, client.link, message);
}

export function reply(turn: Turn, requestId: RequestId, value: unknown): void {
  turn.out.replies.push({ requestId, reply: value });
}

/** @param raises - what a Python client raises; any error if absent */
export function refuse(
  turn: Turn,
  requestId: RequestId,
  error: string,
  raises?: PythonException,
): void {
  turn.out.replies.push({ requestId, error, ...(raises === undefined ? {} : { raises }) });
}

export function log(turn: Turn, entry: LogEntry): void {
  turn.out.log.push(entry);
  keepNotice(turn.state.notices, entry, turn.nowMs);
}

/** Asks for another step no later than this. */
export function wakeBy(turn: Turn, atMs: number): void {
  if (atMs < turn.out.wakeAtMs) turn.out.wakeAtMs = atMs;
}
