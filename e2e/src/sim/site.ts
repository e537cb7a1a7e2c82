// A place where a worker runs, again and again: it restarts under the same name, and sometimes
// under the same address. Stands for a job script or a supervisor.
import type { SitePlan } from "./plan.js";
import { WorkerActor, type WorkerConditions } from "./worker-actor.js";
import type { World } from "./world.js";

export class Site {
  readonly plan: SitePlan;
  readonly conditions: WorkerConditions = { diskFull: false, foreignBytes: 0 };
  worker: WorkerActor | null = null;
  readonly #world: World;
  #lives = 0;
  #address: string;
  #isStarting = false;

  constructor(world: World, plan: SitePlan) {
    this.#world = world;
    this.plan = plan;
    this.#address = plan.address;
    this.start(0);
  }

  /** SIGTERM. */
  terminate(graceMs: number): void {
    this.worker?.leave(graceMs);
  }

  /** Whatever happened, a worker runs here again soon. */
  revive(): void {
    this.start(this.#world.random.whole(0, 100));
  }

  get isUp(): boolean {
    return this.worker?.isRegistered === true;
  }

  start(delayMs: number): void {
    if (this.#isStarting || this.worker !== null) return;
    this.#isStarting = true;
    this.#world.clock.after(delayMs, () => this.#start());
  }

  #start(): void {
    this.#isStarting = false;
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
      nanny: null,
      skewMs: random.whole(-3_000, 3_000),
    };
    const worker = new WorkerActor(this.#world, setup, this.conditions, {
      onExit: () => this.#exited(worker),
    });
    this.worker = worker;
  }

  #exited(worker: WorkerActor): void {
    this.#world.workerDeaths += 1;
    if (this.worker !== worker) return;
    this.worker = null;
    this.start(this.#world.random.skewed(5, 2_000));
  }
}
