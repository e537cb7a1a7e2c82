// What a step of the client core wants done. The shell (or the simulator) empties it after every
// step: sends, gathers, resolves promises, and calls step again no later than `wakeAtMs`.
import type { ClientToScheduler, Pickled, Serialized, TaskKey } from "@acme/protocol";

/** A payload as it came: ours, or a bare pickle of a Python peer. */
export type RemoteBytes = Serialized | Pickled | Uint8Array;

/** An rpc `gather` of these keys is wanted; answered with `gathered` or `gather-failed`. */
export interface GatherOrder {
  gatherId: number;
  keys: TaskKey[];
}

/** A future changed its status. `pending` and `lost` take back what was said before. */
export type Settled =
  | { key: TaskKey; status: "finished" }
  | { key: TaskKey; status: "error"; exception: RemoteBytes; traceback: RemoteBytes | null }
  | { key: TaskKey; status: "cancelled"; reason: string; message: string }
  /** The data is gone and is being computed again. */
  | { key: TaskKey; status: "lost" }
  /** The task runs once more (retry). */
  | { key: TaskKey; status: "pending" };

/** The answer to `wanted`, unless the future settled as an error or was cancelled meanwhile. */
export type Delivered =
  | { key: TaskKey; value: Serialized }
  /** Given up after a named number of attempts. */
  | { key: TaskKey; value: null; message: string };

export interface ClientLogEntry {
  level: "debug" | "info" | "warn";
  event: string;
  message: string;
}

export interface ClientOutbox {
  /** For the connection of the last `connected`, in the order of facts. Empty without one. */
  toScheduler: ClientToScheduler[];
  gather: GatherOrder[];
  settled: Settled[];
  values: Delivered[];
  log: ClientLogEntry[];
  /** Call `step` again no later than this; Infinity: never. */
  wakeAtMs: number;
}

export const newOutbox = (): ClientOutbox => ({
  toScheduler: [],
  gather: [],
  settled: [],
  values: [],
  log: [],
  wakeAtMs: Number.POSITIVE_INFINITY,
});
