// Goal: whatever happens in whatever order, the state fits together after each step; once the
// trouble is over all that is wanted gets done, and when nobody wants anything nothing is left.
// Method: seeded random histories through the real core with full validation after every step.
import { describe, expect, it } from "vitest";
import { each } from "../core/relations.js";
import type { Task } from "../core/task.js";
import { Chaos } from "./chaos.js";

const seeds = Array.from({ length: Number(process.env.CHAOS_SEEDS ?? 60) }, (_, i) => i + 1);
const turns = 150;

function run(seed: number): Chaos {
  const chaos = new Chaos(seed);
  try {
    for (let turn = 0; turn < turns; turn++) {
      for (let i = chaos.below(4); i >= 0; i--) act(chaos);
      chaos.step();
    }
    heal(chaos);
    leave(chaos);
  } catch (error) {
    const recent = chaos.history.slice(-40).join("\n");
    throw new Error(`seed ${seed}: ${String(error)}\n${recent}`, { cause: error });
  }
  return chaos;
}

function act(chaos: Chaos): void {
  const dice = chaos.below(20);
  if (dice < 2 && chaos.workers.size < 6) chaos.hire();
  else if (dice === 2 && chaos.clients.size < 3) chaos.greet();
  else if (dice < 6) chaos.submit();
  else if (dice < 8) chaos.wish();
  else if (dice < 10) chaos.trouble();
  else chaos.work(false);
}

/** Good workers of both kinds, nothing goes wrong any more. */
function heal(chaos: Chaos): void {
  for (const name of [...chaos.workers.keys()]) chaos.say(`status ${name} running`);
  chaos.step();
  const { state } = chaos.world;
  for (const kind of ["", " python"]) {
    const name = `last${kind.trim()}`;
    chaos.workers.set(name, { running: new Set(), stealing: new Set(), held: new Set() });
    chaos.say(`worker ${name} threads=4 resources=GPU:9${kind}`);
  }
  for (const key of state.tasks.keys()) chaos.say(`restrict ${key} nobody`);
  chaos.step();
  const open = () => state.counters.states;
  for (let i = 0; i < 4000; i++) {
    const { waiting, queued, processing } = open();
    if (waiting + queued + processing + open()["no-worker"] === 0) return;
    for (const id of state.transfers.keys()) chaos.say(`transferred ${id} ok`);
    chaos.work(true);
    if (i % 10 === 9) chaos.say("time +50");
    chaos.step();
  }
  expect(open()).toMatchObject({ waiting: 0, queued: 0, processing: 0, "no-worker": 0 });
}

function leave(chaos: Chaos): void {
  for (const name of chaos.clients) chaos.say(`close ${name}`);
  chaos.step();
  chaos.say("time +40000");
  chaos.step();
  chaos.step();
  const { state } = chaos.world;
  expect(leftovers(state.tasks.values())).toEqual([]);
  expect(state.clients.size).toBe(0);
  expect(state.groups.size).toBe(0);
  expect(state.constraints.size).toBe(0);
  expect(state.templates.size).toBe(0);
  expect(state.queued.size + state.lonely.size + state.parked.size).toBe(0);
  for (const worker of state.workers.values()) {
    expect(worker.hasWhat.size + worker.processing.size + worker.loadUs).toBe(0);
    expect(worker.stealsComing).toBe(0);
    expect(worker.reservedFor).toBeNull();
  }
}

const leftovers = (tasks: Iterable<Task>): string[] =>
  Array.from(tasks, (task) => {
    const wanters = Array.from(each(task.whoWants), (client) => client.id).join(" ");
    const dependents = Array.from(each(task.dependents), (one) => one.key).join(" ");
    return `${task.key} ${task.state} for ${wanters}; then ${dependents}; ${task.waiters}`;
  });

describe("chaos", () => {
  it.each(seeds)("seed %i", (seed) => {
    run(seed);
  });

  it("says the same twice", () => {
    expect(run(7).history).toEqual(run(7).history);
  });
});
