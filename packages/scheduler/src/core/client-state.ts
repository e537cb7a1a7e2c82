// What the scheduler knows of one client. Data only. Corresponds to dask's ClientState, plus the
// graph updates it has sent (ours are counted, so that a repeat is harmless).
import type { ClientId, ClientToScheduler, NativeGraph } from "@acme/protocol";
import type { Link } from "./events.js";
import type { ForeignGraph } from "./foreign-graph.js";
import type { ForeignCut } from "./foreign-parts.js";
import { TaskSet } from "./task-set.js";

export type UpdateGraph = Extract<ClientToScheduler, { op: "update-graph" }> & {
  /** A foreign graph that could be read on its way in. */
  unfolded?: ForeignGraph;
};

/** What a client wants done and must wait for: its turn, or a graph update before it. */
export type Pending =
  | { type: "message"; message: ClientToScheduler }
  /** A foreign graph that is being unfolded. */
  | { type: "unfolding"; errandId: number }
  /** One of several parts of a large graph; `held` are tasks that later parts need. */
  | PendingPart
  | PendingForeignPart;

export interface PendingPart {
  type: "part";
  graph: NativeGraph;
  held: number[];
  isLast: boolean;
}

/** The same of a graph that Python has unfolded, by the places of its tasks. */
export interface PendingForeignPart {
  type: "foreign-part";
  cut: ForeignCut;
  from: number;
  to: number;
}

export class ClientState {
  readonly id: ClientId;
  /** −1: no connection (it lingers, or it is a pseudo-client). */
  link: Link = -1;
  acme = 0;
  /** Release of dask that it runs, if it is a Python client. */
  dask: string | null = null;
  packages: ReadonlyMap<string, unknown> | null = null;
  wants = new TaskSet();
  /** Keys are released at this time unless it comes back; Infinity: connected. */
  lingerUntilMs = Number.POSITIVE_INFINITY;
  /** The latest graph update applied; they come in order, also after a reconnect. */
  sequenceDone = -1;
  /** First-in-first-out: nothing overtakes a graph that is not applied yet. */
  pending: Pending[] = [];
  /** It is gone for good, and what it wanted is being released. */
  departed = false;
  /** Wants, in its place, what the parts of a graph still need of each other. */
  hold: ClientState | null = null;
  /** Unsent bytes on its link, as last told. */
  backlogBytes = 0;

  constructor(id: ClientId) {
    this.id = id;
  }
}
