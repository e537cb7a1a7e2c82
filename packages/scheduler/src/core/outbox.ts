// What the scheduler wants done, filled by `step` and emptied by the shell. Order within one
// link is the order of facts; between links there is none. A broadcast is the same object in the
// array of each link, so the shell may encode it once.
import type {
  PythonException,
  SchedulerToClient,
  SchedulerToWorker,
  TaskKey,
  WorkerAddress,
} from "@acme/protocol";
import type { ErrandTask } from "./errands/errands.js";
import type { Link, RequestId } from "./events.js";

export type OutMessage = SchedulerToWorker | SchedulerToClient;

export interface LogEntry {
  level: "debug" | "info" | "warn" | "error";
  /** Stable name of what happened, kebab-case. */
  event: string;
  text: string;
  key?: TaskKey;
  worker?: string;
  client?: string;
}

/** Answer to a parked or direct request; `error` becomes dask's uncaught-error reply. */
export type Reply =
  | { requestId: RequestId; reply: unknown }
  | { requestId: RequestId; error: string; raises?: PythonException };

/** Send these scattered values, which the shell holds under `requestId`, to one worker. */
export interface Transfer {
  transferId: number;
  worker: WorkerAddress;
  keys: TaskKey[];
  requestId: RequestId;
}

/** An rpc that the core wants made; answered by `call-done` or `call-failed`. */
export interface Call {
  callId: number;
  address: string;
  request: { op: string; [field: string]: unknown };
  timeoutMs: number;
}

/** What became of a call; `answered`: the peer answered that it cannot. */
export type CallAnswer = { reply: unknown } | CallFailure;

export interface CallFailure {
  failure: string;
  answered: boolean;
}

/** Something that Python is to do, at one worker or (null) in the process beside the scheduler. */
export interface ErrandOrder {
  readonly errandId: number;
  readonly at: WorkerAddress | null;
  readonly task: ErrandTask;
}

export interface Outbox {
  /**
   * Messages per link, in order. The reply to a registration is in `replies` and goes out before
   * anything here for that link.
   */
  links: Map<Link, OutMessage[]>;
  replies: Reply[];
  transfers: Transfer[];
  calls: Call[];
  /** Workers of these links are silent: can their machines be reached? Else `worker-unreachable`. */
  probes: { link: Link; address: WorkerAddress }[];
  /** Close these links after their messages are sent. */
  close: { link: Link; reason: string }[];
  log: LogEntry[];
  /** What watchers are told. */
  progress: { watchId: number; report: object }[];
  /** Answered by `materialized` or `shuffle-planned`, or by `errand-failed`. */
  errands: ErrandOrder[];
  /** Errands whose answers nobody wants any more. */
  abandoned: number[];
  /** Which dask has the process beside the scheduler? Answered by `helper-answered`. */
  asksHelper: boolean;
  /** Call `step` again no later than this; Infinity: only when something happens. */
  wakeAtMs: number;
}

export function newOutbox(): Outbox {
  return {
    links: new Map(),
    replies: [],
    transfers: [],
    calls: [],
    probes: [],
    close: [],
    log: [],
    progress: [],
    errands: [],
    abandoned: [],
    asksHelper: false,
    wakeAtMs: Number.POSITIVE_INFINITY,
  };
}

/** Empties an outbox for reuse; arrays that the shell still holds are not touched. */
export function clearOutbox(out: Outbox): void {
  out.links = new Map();
  out.replies = [];
  out.transfers = [];
  out.calls = [];
  out.probes = [];
  out.close = [];
  out.log = [];
  out.progress = [];
  out.errands = [];
  out.abandoned = [];
  out.asksHelper = false;
  out.wakeAtMs = Number.POSITIVE_INFINITY;
}

/** Appends one message for a link. */
export function send(out: Outbox, link: Link, message: OutMessage): void {
  const messages = out.links.get(link);
  if (messages === undefined) out.links.set(link, [message]);
  else messages.push(message);
}
