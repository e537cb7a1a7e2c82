// What one seed makes of a run: how many of each there are, and how wild it gets. Drawn before
// anything starts, so that a run can be described before it happens.
import type { ConstraintSpec } from "@acme/protocol";
import type { SchedulerOptions } from "@acme/scheduler/core";
import type { WorkerLimits } from "@acme/worker/core";
import type { Random } from "./random.js";
import type { Temper } from "./workload.js";

export interface SitePlan {
  name: string;
  address: string;
  nthreads: number;
  memoryLimitBytes: number | null;
  resources: ReadonlyMap<string, number>;
  hasNanny: boolean;
}

export interface Plan {
  seed: number;
  mood: Mood;
  schedulerSkewMs: number;
  scheduler: Partial<SchedulerOptions>;
  workerLimits: Partial<WorkerLimits>;
  sites: SitePlan[];
  clients: number;
  tasks: number;
  faults: number;
  /** Faults and requests of clients happen within this time. */
  chaosMs: number;
  /** Least and most things that the clients do besides submitting. */
  actions: readonly [number, number];
  temper: Temper;
}

export interface PlanOptions {
  seed: number;
  mood: Mood;
}

/**
 * `calm`: no faults at all, for a first look. `restless`: long runs of very different length,
 * clients that change their minds all the time and workers that come and go, for those edges of
 * the task machines that need a key to be given up and wanted again while it still runs.
 */
export type Mood = "usual" | "calm" | "restless";

const KiB = 2 ** 10;

export function makePlan(random: Random, { seed, mood }: PlanOptions): Plan {
  const plan = usualPlan(random, { seed, mood });
  return mood === "restless" ? restless(plan) : plan;
}

function restless(plan: Plan): Plan {
  return {
    ...plan,
    mood: "restless",
    faults: 3 * plan.faults,
    chaosMs: 2 * plan.chaosMs,
    actions: [60, 120],
    sites: plan.sites.map((site) => ({ ...site, memoryLimitBytes: null, hasNanny: true })),
    temper: {
      ...plan.temper,
      deadly: 0,
      failing: 0.03,
      flaky: 0.2,
      spoiling: 0.1,
      seceding: 0.3,
      slowness: 4,
      durationFactors: [0.02, 1, 10],
    },
  };
}

function usualPlan(random: Random, { seed, mood }: PlanOptions): Plan {
  const calm = mood === "calm";
  const sites = Array.from({ length: random.whole(3, 6) }, (_, index) =>
    makeSite(random, index, calm),
  );
  const wild = (part: number) => (calm || random.chance(0.4) ? 0 : part * random.next());
  return {
    seed,
    mood,
    schedulerSkewMs: random.whole(-5_000, 5_000),
    scheduler: {
      workerTtlMs: 6_000,
      clientLingerMs: random.pick([300, 2_000, 8_000]),
      allowedFailures: 3,
      python: { helper: "python3", isHelperFirst: seed % 2 === 0 },
      workStealing: random.chance(0.9),
      validate: true,
      noWorkersTimeoutMs: !calm && random.chance(0.1) ? 2_500 : null,
      // Small enough that graphs, releases and queues are worked on in pieces.
      keysPerStep: random.pick([3, 20, 25_000]),
      placementsPerStep: random.pick([2, 10, 10_000]),
    },
    workerLimits: random.chance(0.3) ? { outgoingConnections: 1, incomingConnections: 2 } : {},
    sites,
    clients: random.whole(1, 3),
    tasks: random.whole(60, 160),
    faults: calm ? 0 : random.whole(5, 14),
    chaosMs: random.whole(800, 4_000),
    actions: [4, 16],
    temper: {
      spoiling: 0,
      failing: random.chance(0.5) ? 0.02 : 0,
      flaky: wild(0.1),
      deadly: wild(0.03),
      seceding: wild(0.2),
      restricted: random.chance(0.5) ? 0.3 * random.next() : 0,
      slowness: random.pick([0.3, 1, 1, 4]),
      durationFactors: null,
      largeBytes: random.pick([20 * KiB, 200 * KiB]),
      losesData: !calm,
      constraints: constraintsFor(random, sites),
    },
  };
}

function makeSite(random: Random, index: number, calm: boolean): SitePlan {
  const gpus = index === 0 ? 1 : random.below(3);
  return {
    name: `w${index}`,
    address: `tcp://10.0.1.${index}:4000`,
    nthreads: random.whole(1, 3),
    memoryLimitBytes: !calm && random.chance(0.5) ? random.whole(80, 800) * KiB : null,
    resources: gpus === 0 ? new Map() : new Map([["GPU", gpus]]),
    hasNanny: random.chance(0.4),
  };
}

function constraintsFor(random: Random, sites: readonly SitePlan[]): ConstraintSpec[] {
  const site = random.pick(sites);
  const host = (random.pick(sites).address.split("//")[1] as string).split(":")[0] as string;
  const widest = Math.max(...sites.map((each) => each.nthreads));
  return [
    { workers: [site.name] },
    { workers: [host] },
    { workers: ["nobody", site.name], allow_other_workers: true },
    { resources: new Map([["GPU", 1]]) },
    { slots: Math.min(2, widest) },
    { executor: "process" },
  ];
}
