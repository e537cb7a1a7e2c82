// Everything a worker wants done, as plain data. `exec` and `store` are ordered lists: the shell
// does them first to last, and `store` before `exec`. Emptied by the shell after every step.
// Corresponds to the instructions of dask's worker state machine.
import type {
  NativeRunSpec,
  Pickled,
  SchedulerRequest,
  Serialized,
  TaskKey,
  WorkerAddress,
  WorkerToScheduler,
} from "@acme/protocol";
import type { FetchId, OrderId, RequestId, Slot } from "./events.js";

export type ExecutorKind = "thread" | "process";
/** What to run: our own form, or a payload that came from a foreign client. */
export type RunSpec = NativeRunSpec | Serialized | Pickled;

/** Orders of one slot are run in the order given, one at a time. */
export interface ExecuteOrder {
  type: "execute";
  orderId: OrderId;
  slot: Slot;
  key: TaskKey;
  runSpec: RunSpec;
  /** Keys of the inputs; all are in the store's memory when this is read. */
  dependencies: readonly TaskKey[];
  /** `process`: in the slot's child process instead of its thread. */
  executor: ExecutorKind;
  /** Alone in a child process: it was on a worker that died. */
  isolate: boolean;
  annotations: unknown;
}

export type ExecOrder =
  | { type: "learn"; template: string; name: string; body: Serialized }
  | { type: "forget"; template: string }
  | ExecuteOrder
  /** AbortSignal, a grace, then kill; `executed` follows whatever happens. */
  | { type: "cancel"; orderId: OrderId }
  /** Give it back unless it started: `executed` with `returned`, or `claimed`. */
  | { type: "retract"; orderId: OrderId };

/** Where a value that enters the store waits: an order, a fetch, or an `update_data` request. */
export type ValueSource = "order" | "fetch" | "request";

export type StoreOrder =
  | { type: "keep"; key: TaskKey; source: ValueSource; id: OrderId | FetchId | RequestId }
  /** Forget the value, in memory and on disk, whatever is under way. */
  | { type: "drop"; key: TaskKey }
  | { type: "spill"; key: TaskKey }
  /** The file stays, and with it the value until it is dropped. */
  | { type: "load"; key: TaskKey }
  /** Forget the copy in memory of a value that is in a file too. */
  | { type: "unload"; key: TaskKey }
  /** Answer `get_data` with these keys; a key asked for but absent is not among them. */
  | { type: "serve"; requestId: RequestId; keys: readonly TaskKey[] };

/** Ask a peer for values with `get_data`; `fetched` follows. */
export interface FetchOrder {
  fetchId: FetchId;
  peer: WorkerAddress;
  keys: readonly TaskKey[];
  /** Expected size, bytes. */
  nbytes: number;
}

export interface Reply {
  requestId: RequestId;
  /** A wire value. */
  reply: unknown;
}

export interface LogEntry {
  level: "debug" | "info" | "warn" | "error";
  message: string;
  fields?: Readonly<Record<string, unknown>>;
}

/** Why the worker is done. */
export interface Left {
  /** `asked` by the scheduler, an rpc or a signal; the others mean the scheduler is lost. */
  reason: "asked" | "unreachable" | "missing";
  /** 0 when asked, which the nanny takes as deliberate. */
  exitCode: number;
  message: string;
}

export interface Outbox {
  toScheduler: WorkerToScheduler[];
  store: StoreOrder[];
  exec: ExecOrder[];
  fetch: FetchOrder[];
  replies: Reply[];
  /** The heartbeat rpc to the scheduler; answered by `heartbeat-answered`. */
  calls: Extract<SchedulerRequest, { op: "heartbeat_worker" }>[];
  /** Close the link and register anew, with `registration(state)` from the view. */
  reconnect: boolean;
  /** Free memory that nobody uses: real memory is above what may be stored. */
  collectGarbage: boolean;
  log: LogEntry[];
  /** Call `step` again no later than this, milliseconds of the same clock; null: no need. */
  wakeAtMs: number | null;
  /** Once set, send what is in `toScheduler` and end the process. */
  left: Left | null;
}

/** An empty outbox. */
export function newOutbox(): Outbox {
  return {
    toScheduler: [],
    store: [],
    exec: [],
    fetch: [],
    replies: [],
    calls: [],
    reconnect: false,
    collectGarbage: false,
    log: [],
    wakeAtMs: null,
    left: null,
  };
}

/** Empties an outbox in place; only for a shell that keeps none of its arrays. */
export function clearOutbox(out: Outbox): void {
  out.toScheduler.length = 0;
  out.store.length = 0;
  out.exec.length = 0;
  out.fetch.length = 0;
  out.replies.length = 0;
  out.calls.length = 0;
  out.reconnect = false;
  out.collectGarbage = false;
  out.log.length = 0;
  out.wakeAtMs = null;
  out.left = null;
}
