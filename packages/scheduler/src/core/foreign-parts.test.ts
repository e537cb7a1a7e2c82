// A graph that Python has unfolded comes to the same whether it is applied at once or in parts, which
// change nothing but how long one step takes; and what it lost is told as dask tells it.
import { clientId, Serialized, type TaskKey } from "@acme/protocol";
import { expect, it } from "vitest";
import type { ForeignGraph } from "./foreign-graph.js";
import { newOutbox, type Outbox } from "./outbox.js";
import { randomBelow } from "./random.js";
import { each } from "./relations.js";
import { load, save } from "./save.js";
import { newState, type SchedulerState } from "./state.js";
import { step } from "./step.js";
import { validate } from "./validate.js";

const key = (index: number) => `t-${index}` as TaskKey;

class World {
  state: SchedulerState;
  nowMs = 1_000;

  constructor(keysPerStep: number) {
    const python = { helper: "python3", isHelperFirst: true };
    this.state = newState({ id: "Scheduler-1", validate: true, keysPerStep, python });
    this.step({ type: "helper-answered", dask: "2026.8.0", problem: null });
    this.step({ type: "client-registered", requestId: 1, link: 1, client: clientId("c") });
  }

  step(...events: Parameters<typeof step>[1]): Outbox {
    const out = newOutbox();
    step(this.state, events, this.nowMs, out);
    validate(this.state);
    return out;
  }

  /** @returns how many steps it took until all was applied */
  submit(graph: ForeignGraph, keys: string[]): Outbox[] {
    const expr_ser = new Serialized({ serializer: "pickle" });
    const messages = [{ op: "update-graph" as const, keys, expr_ser }];
    this.step({ type: "client-messages", link: 1, messages });
    const errandId = this.state.errands.next;
    const outs = [this.step({ type: "materialized", errandId, graph })];
    while (this.state.backlog.size > 0) {
      this.state = load(save(this.state));
      outs.push(this.step());
    }
    return outs;
  }

  release(keys: string[]): void {
    const messages = [{ op: "client-releases-keys" as const, keys }];
    this.step({ type: "client-messages", link: 1, messages });
    while (this.state.backlog.size > 0) this.step();
  }

  /** All tasks in order, with what they need and which item of which slab they are. */
  get tasks(): unknown[] {
    return Array.from(this.state.tasks.values())
      .sort((a, b) => a.order - b.order)
      .map((task) => ({
        key: task.key,
        state: task.state,
        needs: Array.from(each(task.dependencies), (one) => one.key).sort(),
        wanted: task.whoWants !== null,
        retries: task.retries,
        spec: [
          ...(task.spec as { payload(item: number): { headerBytes: Uint8Array } }).payload(
            task.item,
          ).headerBytes,
        ],
      }));
  }
}

/** Keys in any order, ranks that respect what needs what, run specs in slabs of seven. */
function randomGraph(seed: number, externals: TaskKey[] = []): ForeignGraph {
  const random = { random: seed } as SchedulerState;
  const below = (n: number) => randomBelow(random, n);
  const n = 40 + below(40);
  const ranks = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const other = below(i + 1);
    [ranks[i], ranks[other]] = [ranks[other] as number, ranks[i] as number];
  }
  const at = new Uint32Array(n);
  for (const [index, rank] of ranks.entries()) at[rank] = index;
  const offsets = new Uint32Array(n + 1);
  const indices: number[] = [];
  for (let i = 0; i < n; i++) {
    const rank = ranks[i] as number;
    const needs = new Set<number>();
    for (let k = below(4); k > 0 && rank > 0; k--) needs.add(at[below(rank)] as number);
    if (externals.length > 0 && below(5) === 0) needs.add(n + below(externals.length));
    indices.push(...needs);
    offsets[i + 1] = indices.length;
  }
  const slabs: ForeignGraph["slabs"][number][] = [];
  for (let from = 0; from < n; from += 7) {
    const count = Math.min(7, n - from);
    const bytes = Uint8Array.from({ length: count }, (_, i) => from + i);
    const ends = Uint32Array.from({ length: count + 1 }, (_, i) => i);
    slabs.push({ offsets: ends, bytes, references: null, buffers: null });
  }
  return {
    keys: Array.from({ length: n }, (_, i) => key(i)),
    externals,
    rows: { offsets, indices: Uint32Array.from(indices) },
    ranks,
    producers: null,
    javascript: null,
    annotations: [new Map([["retries", 2]])],
    annotationOf: Int32Array.from({ length: n }, (_, i) => (i % 3 === 0 ? 0 : -1)),
    slabs,
  };
}

it("comes to the same in parts as at once", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const graph = randomGraph(seed);
    const wanted = graph.keys.filter((_, i) => i % 11 === seed % 11);
    const [whole, parts] = [new World(1_000), new World(21)];
    expect(whole.submit(graph, wanted)).toHaveLength(1);
    expect(parts.submit(graph, wanted).length).toBeGreaterThan(1);
    expect(parts.tasks).toEqual(whole.tasks);
    parts.release(wanted);
    expect(parts.state.tasks.size).toBe(0);
  }
});

it("keeps what was there before until the last part has it", () => {
  const world = new World(7);
  const given = { ...randomGraph(3), externals: [] };
  const inputs = given.keys.map((one) => `in-${one}` as TaskKey);
  world.submit({ ...given, keys: inputs }, inputs);
  const graph = randomGraph(4, inputs.slice(0, 3));
  const expr_ser = new Serialized({ serializer: "pickle" });
  const update = { op: "update-graph" as const, keys: graph.keys, expr_ser };
  world.step({ type: "client-messages", link: 1, messages: [update] });
  world.step({ type: "materialized", errandId: world.state.errands.next, graph });
  expect(world.state.backlog.size).toBeGreaterThan(0);
  world.release(inputs);
  const needed = new Set(
    Array.from(world.state.tasks.values()).flatMap((task) => [...each(task.dependencies)]),
  );
  for (const task of world.state.tasks.values()) {
    if (String(task.key).startsWith("in-")) expect(needed.has(task)).toBe(true);
  }
  expect(graph.keys.every((one) => world.state.tasks.get(one) !== undefined)).toBe(true);
});

it("cancels all that was asked for if anything of it is lost, as dask does", () => {
  for (const most of [7, 1_000]) {
    const world = new World(most);
    const graph = randomGraph(5, ["gone" as TaskKey]);
    const [out] = world.submit(graph, graph.keys);
    const cancelled = { op: "cancelled-keys", keys: graph.keys, reason: "lost dependencies" };
    expect(out?.links.get(1)).toEqual([cancelled]);
    expect(world.state.tasks.size).toBe(0);
    const [none] = world.submit({ ...graph, externals: [], rows: null }, ["t-1", "elsewhere"]);
    expect(none?.links.get(1)).toMatchObject([{ keys: ["t-1", "elsewhere"] }]);
    expect(world.state.tasks.size).toBe(0);
  }
});
