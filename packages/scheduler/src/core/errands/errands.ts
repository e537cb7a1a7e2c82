// What only Python can do, as the state knows it: graphs to unfold, shuffles to lay out, and who
// may be asked. Data only. Who is asked, and how often, is decided in assign.ts.
import type { ClientId } from "@acme/protocol";
import type { UpdateGraph } from "../client-state.js";
import type { PlanShuffle } from "../extensions/shuffle/shuffles.js";
import type { WorkerState } from "../worker-state.js";

/** What is to be done: the graph of a client, whose dask is `dask`, or the layout of a shuffle. */
export type ErrandTask =
  | {
      readonly type: "unfold";
      readonly client: ClientId;
      readonly message: UpdateGraph;
      /** Release of dask that the client runs; null: it did not say. */
      readonly dask: string | null;
    }
  | { readonly type: "lay-out"; readonly plan: PlanShuffle };

/** The process beside the scheduler, where a worker could stand. */
export const helper = "helper";

export interface Errand {
  readonly id: number;
  readonly task: ErrandTask;
  /** Who is at it; null: nobody yet. */
  doer: WorkerState | typeof helper | null;
  failures: number;
  helperFailures: number;
  /** Workers that could not do it; one that comes back is another one. */
  failed: Set<WorkerState>;
  /** When the last one failed. */
  failedAtMs: number;
  /** What the last one said. */
  lastError: string;
  /** When it is given up if nobody comes who could do it; Infinity: it need not wait yet. */
  giveUpAtMs: number;
}

/** What is known of the process beside the scheduler. */
export interface Helper {
  /** Its executable. */
  name: string;
  /** It is preferred to workers. */
  isFirst: boolean;
  /** Release of its dask; null: not known. */
  dask: string | null;
  /** It has been asked which dask it has. */
  isAsked: boolean;
  /** Why it could not say. */
  problem: string | null;
  /** Not to be asked again before. */
  askAtMs: number;
}

export class Errands {
  next = 0;
  open: Map<number, Errand> = new Map();
  /** Those that nobody is at. */
  waiting: Set<Errand> = new Set();
  /** When to look at them next, unless something changes before. */
  nextLookMs = 0;
  /** Null: there is none. */
  helper: Helper | null;
  /** Workers that run Python, by their release of dask; who was asked last stands last. */
  workers: Map<string, Set<WorkerState>> = new Map();

  constructor(settings: PythonSettings | null) {
    this.helper =
      settings?.helper == null
        ? null
        : {
            name: settings.helper,
            isFirst: settings.isHelperFirst,
            dask: null,
            isAsked: false,
            problem: null,
            askAtMs: 0,
          };
  }
}

/** The Python of a scheduler, besides its workers'. */
export interface PythonSettings {
  /** Executable of a process that the shell starts when it is asked for; null: there is none. */
  readonly helper: string | null;
  /** It is preferred to workers. */
  readonly isHelperFirst: boolean;
}
