// A place where a worker runs, again and again: it restarts under the same name, and sometimes
// under the same address; with a nanny or without. Stands for a job script or a supervisor.
import { NannyActor } from "./nanny-actor.js";
import type { SitePlan } from "./plan.js";
import { WorkerActor, type WorkerConditions } from "./worker-actor.js";
import type { World } from "./world.js";

interface ExitHooks {
  onRegistered?: () => void;
  onExit: (code: number | null) => void;
}

export class Site {
  readonly plan: SitePlan;
  readonly conditions: WorkerConditions = { diskFull: false, foreignBytes: 0 };
  worker: WorkerActor | null = null;
  nanny: NannyActor | null = null;
  readonly #world: World;
  #lives = 0;
  #address: string;
  #isStarting = false;

  constructor(world: World, plan: SitePlan) {
    this.#world = world;
    this.plan = plan;
    this.#address = plan.address;
    this.#begin(0);
  }

  get isUp(): boolean {
    return this.worker?.isRegistered === true;
  }

  get nannyAddress(): string | null {
    return this.plan.hasNanny ? this.plan.address.replace("4000", "3999") : null;
  }

  /** SIGTERM to whoever is in charge here. */
  terminate(graceMs: number): void {
    if (this.nanny !== null) this.nanny.leave(graceMs);
    else this.worker?.leave(graceMs);
  }

  #begin(delayMs: number): void {
    if (this.#isStarting) return;
    this.#isStarting = true;
    this.#world.clock.after(delayMs, () => {
      this.#isStarting = false;
      if (this.nannyAddress === null) this.#spawn({ onExit: () => this.#beginLater() });
      else this.#startNanny(this.nannyAddress);
    });
  }

  #beginLater(): void {
    this.#begin(this.#world.random.skewed(5, 2_000));
  }

  #startNanny(address: string): void {
    const { name, memoryLimitBytes } = this.plan;
    const treeBytes = (child: WorkerActor) =>
      child.store.memoryBytes + this.conditions.foreignBytes;
    const nanny = new NannyActor(this.#world, { name, address, memoryLimitBytes }, treeBytes, {
      spawn: (hooks) => this.#spawn(hooks),
      onExit: () => {
        this.nanny = null;
        this.worker?.die();
        this.#beginLater();
      },
    });
    this.nanny = nanny;
  }

  #spawn(hooks: ExitHooks): WorkerActor {
    const { random } = this.#world;
    this.#lives += 1;
    const { name, nthreads, memoryLimitBytes, resources } = this.plan;
    if (this.#lives > 1 && random.chance(0.5)) {
      this.#address = this.plan.address.replace("4000", String(4000 + this.#lives));
    }
    const setup = {
      name,
      address: this.#address,
      serverId: `${name}.${this.#lives}`,
      nthreads,
      memoryLimitBytes,
      resources,
      nanny: this.nannyAddress,
      skewMs: random.whole(-3_000, 3_000),
    };
    const onExit = (code: number | null) => {
      this.#world.workerDeaths += 1;
      if (this.worker === worker) this.worker = null;
      hooks.onExit(code);
    };
    const worker = new WorkerActor(this.#world, setup, this.conditions, { ...hooks, onExit });
    this.worker = worker;
    return worker;
  }
}
