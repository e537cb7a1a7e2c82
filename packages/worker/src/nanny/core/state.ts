// All that a nanny knows about its one child. Plain data.
// Changed only by the rooms of this core; the shell holds the process itself.
import { type NannyLimits, nannyLimits } from "./limits.js";

export interface NannyOptions {
  /** Of the child and its descendants; null: memory is not watched. */
  memoryLimitBytes: number | null;
  limits?: Partial<NannyLimits>;
}

/** `waiting`: to be started at `startAtMs`. `stopped`: only a request starts it again. */
export type ChildState = "waiting" | "starting" | "running" | "stopping" | "stopped";

/** What to do once the child has exited: nothing, start it again, or end the nanny too. */
export type AfterExit = "restart" | "leave";

/** A request answered when the child is registered, or refused when time is up. */
export interface AwaitedStart {
  readonly requestId: number;
  readonly reply: unknown;
  readonly deadlineMs: number;
}

export interface NannyState {
  readonly memoryLimitBytes: number | null;
  readonly limits: NannyLimits;
  child: ChildState;
  pid: number | null;
  registered: boolean;
  startAtMs: number;
  /** Starts since the child was last registered. */
  starts: number;
  afterExit: AfterExit;
  /** When a child that was asked to go gets SIGKILL; null: it was not asked. */
  killAtMs: number | null;
  treeBytes: number;
  /** The descendant that was killed last for its memory. */
  killedDescendant: number | null;
  /** Requests answered when the child has exited. */
  awaitExit: number[];
  awaitRegistered: AwaitedStart[];
  /** The nanny is done. */
  left: boolean;
}

/** The state of a nanny that has yet to start its child; the first step does. */
export function newNannyState(options: NannyOptions): NannyState {
  return {
    memoryLimitBytes: options.memoryLimitBytes,
    limits: { ...nannyLimits, ...options.limits },
    child: "waiting",
    pid: null,
    registered: false,
    startAtMs: 0,
    starts: 0,
    afterExit: "restart",
    killAtMs: null,
    treeBytes: 0,
    killedDescendant: null,
    awaitExit: [],
    awaitRegistered: [],
    left: false,
  };
}
