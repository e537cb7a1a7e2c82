// Everything in one run, and where each part finds the others. Holds no rules of its own.
// What goes wrong is decided in chaos.ts, what must hold at the end in checks.ts.
import type { TaskKey } from "@acme/protocol";
import { Catalogue } from "./catalogue.js";
import { ClientActor } from "./client-actor.js";
import { Clock } from "./clock.js";
import { type Coverage, newCoverage } from "./coverage.js";
import { Network } from "./network.js";
import { makePlan, type Plan, type PlanOptions } from "./plan.js";
import { PythonClient } from "./python-client.js";
import { Random } from "./random.js";
import { SchedulerActor } from "./scheduler-actor.js";
import { Site } from "./site.js";
import { Trace } from "./trace.js";
import { Unfolder } from "./unfolder.js";
import { Workload } from "./workload.js";

/** Some day, in milliseconds since the epoch. */
const startMs = 1_700_000_000_000;
/** Whole states are checked once in so many steps. */
const validateEvery = 23;

export class World {
  readonly plan: Plan;
  readonly clock = new Clock(startMs);
  readonly random: Random;
  readonly trace: Trace;
  readonly network: Network;
  readonly catalogue = new Catalogue();
  readonly workload: Workload;
  /** Of the Python client, so that it changes nothing of what the others draw. */
  readonly pythonRandom: Random;
  readonly pythonWorkload: Workload;
  readonly unfolder: Unfolder;
  readonly coverage: Coverage = newCoverage();
  readonly scheduler: SchedulerActor;
  readonly sites: Site[];
  readonly clients: ClientActor[];
  readonly pythonClients: PythonClient[];
  /** Scattered keys whose client never heard of them. */
  readonly orphans: TaskKey[] = [];
  /** Faults that happened, by name. */
  readonly faults: string[] = [];
  /** What the programs still had in mind is left undone. */
  areProgramsOver = false;
  workerDeaths = 0;
  steps = 0;

  constructor(options: PlanOptions & { trace: boolean }) {
    this.random = new Random(options.seed);
    this.plan = makePlan(this.random, options);
    this.trace = new Trace(this.clock, options.trace);
    this.network = new Network(this.clock, this.random, this.trace);
    this.workload = new Workload(this.random, this.catalogue, this.plan.temper);
    this.pythonRandom = new Random(options.seed + 0x5eed);
    this.pythonWorkload = pythonWorkload(this);
    this.unfolder = new Unfolder(this);
    this.scheduler = new SchedulerActor(this);
    this.sites = this.plan.sites.map((plan) => new Site(this, plan));
    this.clients = Array.from(
      { length: this.plan.clients },
      (_, index) => new ClientActor(this, `c${index}`),
    );
    const hasPython = this.pythonRandom.chance(0.5);
    this.pythonClients = hasPython ? [new PythonClient(this, "py")] : [];
  }

  get liveClients(): ClientActor[] {
    return this.clients.filter((client) => client.process.isAlive);
  }

  isTimeToValidate(): boolean {
    this.steps += 1;
    return this.steps % validateEvery === 0;
  }
}

/** Annotations of dask's say less than our constraints, and its tasks are not run by themselves. */
function pythonWorkload({ pythonRandom, catalogue, plan }: World): Workload {
  const constraints = plan.temper.constraints.filter(
    ({ slots, executor }) => slots === undefined && executor === undefined,
  );
  return new Workload(pythonRandom, catalogue, { ...plan.temper, constraints, deadly: 0 }, "py-");
}
