// The state of a client: which futures it has, what it still owes the scheduler, and which gathers
// run. Data only; what happens to it is in step.ts and the rooms beside it.
import type { ClientId, ClientToScheduler, NativeGraph, Serialized, TaskKey } from "@acme/protocol";
import { clientLimits } from "../limits.js";
import type { Link } from "./events.js";
import type { RemoteBytes } from "./outbox.js";

export type FutureStatus = "pending" | "finished" | "error" | "cancelled" | "lost";

/** One key this client holds on to. Fields after `desires` are null until needed. */
export interface FutureEntry {
  readonly key: TaskKey;
  status: FutureStatus;
  /** The graph that made it: reports are ignored until the scheduler acknowledged that one. */
  sequence: number;
  /** How many handles want it; the entry goes when none is left. */
  desires: number;
  /** The value, when it came inline; then nothing but a cancel takes it away. */
  value: Serialized | null;
  failure: { exception: RemoteBytes; traceback: RemoteBytes | null } | null;
  /** Somebody waits for the value. */
  wanted: boolean;
  /** The gather order it is part of, 0 for none. */
  gatherId: number;
  /** Gathers that did not bring the value. */
  failedGathers: number;
}

export interface ClientState {
  readonly client: ClientId;
  /** The connection in use; null while there is none. */
  link: Link | null;
  closed: boolean;
  futures: Map<TaskKey, FutureEntry>;
  /** Graph updates that the scheduler has not acknowledged, by sequence, ascending. */
  unacknowledged: Map<number, NativeGraph>;
  /** Graph updates count from 0. */
  lastSequence: number;
  /** Highest acknowledged sequence; acknowledgements come in order. */
  receivedSequence: number;
  gathers: Map<number, TaskKey[]>;
  lastGatherId: number;
  /** Keys that wait for a gather order, and since or until when. */
  gatherAtMs: Map<TaskKey, number>;
  /** Forced cancels made without a connection. */
  owedCancels: TaskKey[];
  /** What was to be said while there was no connection. */
  owedMessages: ClientToScheduler[];
  /** Keys released without a connection, which the scheduler may still hold for this client. */
  owedReleases: TaskKey[];
  heartbeatIntervalMs: number;
  nextHeartbeatMs: number;
}

export function newState(options: { client: ClientId }): ClientState {
  return {
    client: options.client,
    link: null,
    closed: false,
    futures: new Map(),
    unacknowledged: new Map(),
    lastSequence: -1,
    receivedSequence: -1,
    gathers: new Map(),
    lastGatherId: 0,
    gatherAtMs: new Map(),
    owedCancels: [],
    owedMessages: [],
    owedReleases: [],
    heartbeatIntervalMs: clientLimits.heartbeatMs,
    nextHeartbeatMs: Number.POSITIVE_INFINITY,
  };
}

export function newEntry(key: TaskKey, sequence: number): FutureEntry {
  return {
    key,
    status: "pending",
    sequence,
    desires: 0,
    value: null,
    failure: null,
    wanted: false,
    gatherId: 0,
    failedGathers: 0,
  };
}
