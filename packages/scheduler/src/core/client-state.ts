// What the scheduler knows of one client. Data only. Corresponds to dask's ClientState, plus the
// graph updates it has sent (ours are counted, so that a repeat is harmless).
import type { ClientId, ClientToScheduler } from "@acme/protocol";
import type { Link } from "./events.js";
import type { Task } from "./task.js";

export type UpdateGraph = Extract<ClientToScheduler, { op: "update-graph" }>;

/** A message that waits because a graph update before it is not applied yet. */
export interface PendingMessage {
  message: ClientToScheduler;
  /** Number of the foreign graph being unfolded; −1: an ordinary message. */
  sequence: number;
}

export class ClientState {
  readonly id: ClientId;
  /** −1: no connection (it lingers, or it is a pseudo-client). */
  link: Link = -1;
  acme = 0;
  wants: Set<Task> = new Set();
  /** Keys are released at this time unless it comes back; Infinity: connected. */
  lingerUntilMs = Number.POSITIVE_INFINITY;
  /** The latest graph update applied; they come in order, also after a reconnect. */
  sequenceDone = -1;
  /** First-in-first-out: nothing overtakes a graph that is being unfolded. */
  pending: PendingMessage[] = [];
  /** Unsent bytes on its link, as last told. */
  backlogBytes = 0;
  foreignGraphs = 0;

  constructor(id: ClientId) {
    this.id = id;
  }
}
