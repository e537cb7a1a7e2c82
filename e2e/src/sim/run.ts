// One run from beginning to end: chaos, heal, answers, release, silence. Throws at the first thing
// that is wrong.

import { heal, scheduleChaos } from "./chaos.js";
import { leftovers, openFutures } from "./checks.js";
import { addCounts, type Coverage } from "./coverage.js";
import { describe } from "./describe.js";
import type { PlanOptions } from "./plan.js";
import { schedulePrograms } from "./program.js";
import { forgetShared, schedulePythonProgram } from "./python-program.js";
import { edgeName } from "./scheduler-edges.js";
import { World } from "./world.js";

export interface RunResult {
  hash: string;
  tasks: number;
  workers: number;
  faults: readonly string[];
  messages: number;
  steps: number;
  ticks: number;
  virtualMs: number;
  coverage: Coverage;
}

/** A run that went wrong; `cause` is the first thing that did. */
export class RunError extends Error {
  readonly seed: number;

  constructor(seed: number, phase: string, cause: unknown) {
    super(`seed ${seed}, ${phase}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
    this.seed = seed;
  }
}

/** Virtual time that each part of a run may take. */
const answersMs = 300_000;
const silenceMs = 120_000;

export function run(options: PlanOptions & { trace: boolean }): RunResult {
  const phase = { name: "start" };
  let world: World | null = null;
  try {
    world = new World(options);
    return live(world, phase);
  } catch (error) {
    if (options.trace && world !== null) describe(world, error);
    throw new RunError(options.seed, phase.name, error);
  }
}

function live(world: World, phase: { name: string }): RunResult {
  const begin = (name: string) => {
    phase.name = name;
    world.trace.line("-", () => `---- ${name}`);
  };
  begin("chaos");
  const startMs = world.clock.nowMs;
  schedulePrograms(world);
  schedulePythonProgram(world);
  scheduleChaos(world);
  pass(world, world.plan.chaosMs);
  world.areProgramsOver = true;
  begin("heal");
  heal(world);
  begin("answers");
  awaitAnswers(world);
  begin("release");
  for (const client of world.liveClients) releaseAll(client);
  awaitSilence(world, () => forgetShared(world));
  for (const client of world.pythonClients) client.close();
  // Scattered data whose client never heard of it stays until that client is gone, and what a queue
  // has handed to somebody who never heard of it until all are gone.
  const staysLonger = world.orphans.length > 0 || world.pythonClients.length > 0;
  if (!staysLonger) awaitSilence(world, () => leftovers(world));
  begin("close");
  for (const client of world.liveClients) client.close();
  awaitSilence(world, () => leftovers(world));
  begin("end");
  addCounts(world.coverage.scheduler, schedulerEdges(world));
  return summary(world, startMs);
}

function pass(world: World, forMs: number): void {
  world.clock.runUntil(world.clock.nowMs + forMs, () => false);
}

function awaitAnswers(world: World): void {
  const { clock } = world;
  const untilMs = clock.nowMs + answersMs;
  for (;;) {
    for (const client of world.liveClients) {
      const open = [...client.held.values()].filter((held) => !held.hasValue);
      if (open.length > 0) client.want(open.map((held) => held.key));
    }
    const stopMs = Math.min(clock.nowMs + 5_000, untilMs);
    let look = 0;
    const isDone = () => look++ % 16 === 0 && isAnswered(world);
    if (clock.runUntil(stopMs, isDone)) return;
    if (isAnswered(world)) return;
    if (stopMs >= untilMs) throw new Error(`no answer: ${few(stillOpen(world))}`);
    clock.nowMs = Math.max(clock.nowMs, stopMs);
    // Whoever retired a worker without closing it ends it now.
    for (const { worker } of world.sites) if (worker?.state.closing) worker.die();
  }
}

const isAnswered = (world: World): boolean =>
  world.liveClients.every((client) => client.isSettled) &&
  world.pythonClients.every((client) => client.isSettled) &&
  world.sites.every((site) => site.isUp) &&
  openFutures(world).length === 0;

const stillOpen = (world: World): string[] => [
  ...openFutures(world),
  ...world.sites.filter((site) => !site.isUp).map((site) => `${site.plan.name} is down`),
];

function awaitSilence(world: World, rest: () => string[]): void {
  const { clock } = world;
  const untilMs = clock.nowMs + silenceMs;
  while (rest().length > 0) {
    if (clock.nowMs >= untilMs) throw new Error(`left over: ${few(rest())}`);
    const stopMs = clock.nowMs + 500;
    clock.runUntil(stopMs, () => false);
    clock.nowMs = Math.max(clock.nowMs, stopMs);
  }
}

function releaseAll(client: World["clients"][number]): void {
  const keys = [...client.held.values()].flatMap(({ key, handles }) =>
    Array.from({ length: handles }, () => key),
  );
  client.release(keys);
}

const few = (lines: readonly string[]): string =>
  `${lines.slice(0, 8).join("; ")}${lines.length > 8 ? ` and ${lines.length - 8} more` : ""}`;

function schedulerEdges({ scheduler }: World): [string, number][] {
  return scheduler.state.counters.edges.flatMap((count, number) =>
    count === 0 ? [] : [[edgeName(number), count] as [string, number]],
  );
}

function summary(world: World, startMs: number): RunResult {
  return {
    hash: world.trace.hash,
    tasks: world.catalogue.byNumber.length,
    workers: world.sites.length,
    faults: world.faults,
    messages: world.network.messages,
    steps: world.steps,
    ticks: world.clock.ticks,
    virtualMs: world.clock.nowMs - startMs,
    coverage: world.coverage,
  };
}
