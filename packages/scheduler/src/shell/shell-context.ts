// What the rooms of the shell share: one scheduler's parts, by their narrowest use.
// Only a type, so that rooms need not know the server that makes them.
import type { ParkedReplies, RpcPool } from "@acme/comm";
import type { PayloadHeader } from "@acme/protocol";
import type { SchedulerEvent, SchedulerState, view } from "../core/index.js";
import type { Feeds } from "./feed.js";
import type { Links } from "./links.js";
import type { StartingNannies } from "./nannies.js";
import type { PythonPickles } from "./python-side.js";
import type { Scattered } from "./scattered.js";
import type { Uploads } from "./uploads.js";
import type { WorkerWatch } from "./worker-watch.js";

export interface ShellContext {
  /** Read only; every change goes through `post`. */
  readonly state: SchedulerState;
  readonly links: Links;
  readonly replies: ParkedReplies;
  readonly scattered: Scattered;
  readonly pool: RpcPool;
  readonly post: (event: SchedulerEvent) => void;
  readonly whereabouts: () => view.Whereabouts;
  readonly nannies: StartingNannies;
  readonly workerWatch: WorkerWatch;
  readonly feeds: Feeds;
  readonly uploads: Uploads;
  /** Who knows Python's values; undefined: nobody, and Python's peers are told so. */
  readonly pickles: PythonPickles | undefined;
  readonly stop: (reason: string) => void;
  /** An error of our own for a Python peer; undefined: there is no such form of it. */
  readonly exceptionOf: (fields: PayloadHeader) => Uint8Array | undefined;
}
