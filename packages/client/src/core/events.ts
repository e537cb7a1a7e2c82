// Everything that can change the state of a client: what the program asks for, what the scheduler
// says, connections that come and go, and gathers that end. Plain data; time comes with `step`.
import type {
  ClientToScheduler,
  NativeGraph,
  SchedulerToClient,
  Serialized,
  TaskKey,
} from "@acme/protocol";

/** Number of one connection to the scheduler; messages of an older one are dropped. */
export type Link = number;

/**
 * One change; a step without any means that only time has passed. `desired` and `released` count:
 * a key is released at the scheduler when every desire for it was.
 */
export type ClientEvent =
  /** A graph to run. `desired` are the keys that `graph.desired` names; each counts one desire. */
  | { type: "submitted"; graph: NativeGraph; desired: readonly TaskKey[] }
  /** One more desire for each key; a key unknown so far is asked for at the scheduler. */
  | { type: "desired"; keys: readonly TaskKey[] }
  /** One desire less for each key. A key without desires is forgotten here. */
  | { type: "released"; keys: readonly TaskKey[] }
  /** The user gives these up; `force` takes them from other clients too. */
  | { type: "cancelled"; keys: readonly TaskKey[]; force: boolean }
  /** The value of each key is wanted as soon as it exists; answered once in `out.values`. */
  | { type: "wanted"; keys: readonly TaskKey[] }
  /** To be said to the scheduler after all that was said before, over whichever connection. */
  | { type: "said"; message: ClientToScheduler }
  /** Registered at the scheduler over a new connection; the old one, if any, is over. */
  | { type: "connected"; link: Link }
  | { type: "disconnected"; link: Link }
  | { type: "scheduler-messages"; link: Link; messages: readonly SchedulerToClient[] }
  /** A gather order was answered; keys of the order that are not in `values` were missing. */
  | { type: "gathered"; gatherId: number; values: ReadonlyMap<TaskKey, Serialized> }
  /** A gather order could not be carried out at all (connection lost, timeout). */
  | { type: "gather-failed"; gatherId: number; message: string }
  /** No connection will come any more: everything unsettled is cancelled. */
  | { type: "closed"; reason: string };
