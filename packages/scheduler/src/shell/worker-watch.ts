// Tells whoever asked to be told which workers come and go, as dask's cluster objects want it: the
// whole picture first, then pairs of ["add", {workers}] and ["remove", address]. Reads the view.
import type { Connection, RpcReply } from "@acme/comm";
import { type SchedulerState, view } from "../core/index.js";
import { shellLimits } from "./limits.js";
import { PythonNamedError } from "./python-errors.js";

type News = ["add", { workers: Map<string, unknown> }] | ["remove", string];

export class WorkerWatch {
  readonly #state: SchedulerState;
  readonly #whereabouts: () => view.Whereabouts;
  readonly #watchers = new Set<Connection>();
  /** As last told. */
  #told: ReturnType<WorkerWatch["present"]> = new Map();
  #version = -1;

  constructor(state: SchedulerState, whereabouts: () => view.Whereabouts) {
    this.#state = state;
    this.#whereabouts = whereabouts;
  }

  subscribe(connection: Connection): RpcReply {
    if (this.#watchers.size >= shellLimits.workerWatchers) {
      throw new PythonNamedError("RuntimeError", "too many watch the workers already");
    }
    // Whoever watches already hears first what the newcomer is told at once.
    this.tell();
    if (this.#watchers.size === 0) this.#told = this.present();
    this.#version = this.#state.workersVersion;
    this.#watchers.add(connection);
    void connection.closed.then(() => this.#watchers.delete(connection));
    const identity = view.identity(this.#state, this.#whereabouts());
    for (const worker of identity.workers.values()) forgetNumbers(worker);
    return identity;
  }

  /** After each step; costs nothing while nobody watches or no worker has changed. */
  tell(): void {
    if (this.#watchers.size === 0 || this.#version === this.#state.workersVersion) return;
    this.#version = this.#state.workersVersion;
    const present = this.present();
    const news: News[] = [];
    for (const [address, worker] of this.#told) {
      if (present.get(address) !== worker) news.push(["remove", address]);
    }
    for (const [address, worker] of present) {
      if (this.#told.get(address) === worker) continue;
      const identity = view.workerIdentity(worker);
      forgetNumbers(identity);
      news.push(["add", { workers: new Map([[address, identity]]) }]);
    }
    this.#told = present;
    if (news.length === 0) return;
    for (const connection of this.#watchers) if (connection.isOpen) connection.send(news);
  }

  present() {
    return new Map([...this.#state.workers].map(([address, worker]) => [String(address), worker]));
  }
}

/** They are old at once. */
function forgetNumbers(identity: Map<string, unknown>): void {
  identity.delete("metrics");
  identity.delete("last_seen");
}
