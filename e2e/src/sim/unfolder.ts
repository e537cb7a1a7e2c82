// Whoever unfolds the graphs of the simulated Python client: it takes its time, fails, dies over a
// graph, says that it cannot be opened, or answers when nobody waits any more.
import { Pickled, type TaskKey } from "@acme/protocol";
import type { ErrandOrder, ForeignGraph, Outbox, SchedulerEvent } from "@acme/scheduler/core";
import type { Task } from "./catalogue.js";
import { packNumbers, unpackNumbers } from "./payload.js";
import type { SimProcess } from "./sim-process.js";
import type { World } from "./world.js";

export class Unfolder {
  readonly #world: World;
  readonly #graphs: (readonly Task[])[] = [];
  readonly #abandoned = new Set<number>();

  constructor(world: World) {
    this.#world = world;
  }

  /** A graph as bytes that only this can read. */
  fold(tasks: readonly Task[]): Uint8Array {
    return packNumbers(this.#graphs.push(tasks) - 1);
  }

  /** Carries out what one step of the scheduler wants. */
  apply(out: Outbox, process: SimProcess, post: (event: SchedulerEvent) => void): void {
    const { random, plan } = this.#world;
    const isCalm = plan.mood === "calm";
    for (const errandId of out.abandoned) this.#abandoned.add(errandId);
    for (const order of out.errands) {
      const isLate = !isCalm && random.chance(0.05);
      const afterMs = isLate ? random.between(2_000, 12_000) : random.skewed(1, 200);
      process.after(afterMs, () => {
        if (!this.#abandoned.has(order.errandId)) post(this.#answer(order));
      });
    }
    if (!out.asksHelper) return;
    const isThere = isCalm || random.chance(0.9);
    const answer = isThere
      ? { dask: "2026.8.0", problem: null }
      : { dask: null, problem: "no such command" };
    process.after(random.skewed(1, 500), () => post({ type: "helper-answered", ...answer }));
  }

  #answer({ errandId, task }: ErrandOrder): SchedulerEvent {
    const { random, plan } = this.#world;
    const isCalm = plan.mood === "calm";
    if (task.type !== "unfold") throw new Error("nobody shuffles here");
    if (!isCalm && random.chance(0.2)) return { type: "errand-failed", errandId, message: "died" };
    if (!isCalm && random.chance(0.03)) {
      return { type: "materialized", errandId, graph: { error: "cannot be opened" } };
    }
    const frame = task.message.expr_ser?.frames[0] as Uint8Array;
    const tasks = this.#graphs[unpackNumbers(frame)[0] as number] as readonly Task[];
    return { type: "materialized", errandId, graph: unfolded(tasks, random.shuffled(tasks)) };
  }
}

/** Columns in any order of the keys; ranks say in which they run. */
function unfolded(inOrder: readonly Task[], tasks: readonly Task[]): ForeignGraph {
  const placeOf = new Map(tasks.map(({ key }, index) => [key, index]));
  const rankOf = new Map(inOrder.map(({ key }, rank) => [key, rank]));
  const externals: TaskKey[] = [];
  const offsets = new Uint32Array(tasks.length + 1);
  const indices: number[] = [];
  for (const [index, { dependencies }] of tasks.entries()) {
    for (const key of dependencies) {
      let place = placeOf.get(key);
      if (place === undefined) {
        place = tasks.length + externals.push(key) - 1;
        placeOf.set(key, place);
      }
      indices.push(place);
    }
    offsets[index + 1] = indices.length;
  }
  return {
    keys: tasks.map(({ key }) => key),
    externals,
    rows: { offsets, indices: Uint32Array.from(indices) },
    ranks: Uint32Array.from(tasks, ({ key }) => rankOf.get(key) as number),
    producers: null,
    javascript: new Uint8Array(tasks.length).fill(1),
    annotations: tasks.map(annotationsOf),
    annotationOf: Int32Array.from(tasks, (_, index) => index),
    slabs: [specsOf(tasks)],
  };
}

function annotationsOf({ constraint, retries, priority }: Task): ReadonlyMap<string, unknown> {
  const { workers, allow_other_workers, resources } = constraint ?? {};
  const given = { workers, allow_other_workers, resources, retries, priority };
  return new Map(Object.entries(given).filter(([, value]) => value !== undefined));
}

function specsOf(tasks: readonly Task[]): ForeignGraph["slabs"][number] {
  const specs = tasks.map(({ number }) => Pickled.of(packNumbers(number)).headerBytes);
  const offsets = new Uint32Array(tasks.length + 1);
  for (const [index, spec] of specs.entries()) {
    offsets[index + 1] = (offsets[index] as number) + spec.byteLength;
  }
  return { offsets, bytes: Buffer.concat(specs), references: null, buffers: null };
}
