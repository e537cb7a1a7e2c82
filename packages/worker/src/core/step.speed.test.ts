// Goal: a task costs the worker core a few microseconds. Method: no-op tasks in batches of 64,
// ordered, handed over, ended, reported and freed; the figure is printed. The bound is loose on
// purpose, because test machines are shared: it catches a loop over all tasks, not a slow day.
import { expect, it } from "vitest";
import {
  begin,
  computeTask,
  fromScheduler,
  okOutcome,
  template,
  worker,
} from "../scenarios/messages.js";
import type { WorkerEvent } from "./events.js";
import { clearOutbox, newOutbox } from "./outbox.js";
import { step } from "./step.js";

const batch = 64;

function run(batches: number): number {
  const state = worker(1);
  const out = newOutbox();
  const outcome = okOutcome(8, 0.01);
  let finished = 0;
  let spentMs = 0;
  const timed = (events: WorkerEvent[], nowMs: number): void => {
    clearOutbox(out);
    const start = performance.now();
    step(state, events, nowMs, out);
    spentMs += performance.now() - start;
  };
  timed([...begin(1), fromScheduler(0, template())], 0);
  for (let now = 0; now < batches; now++) {
    const orders = Array.from({ length: batch }, (_, i) => computeTask(`f-${now}-${i}`));
    timed([fromScheduler(0, ...orders)], now);
    for (let left = batch; left > 0; ) {
      const ended: WorkerEvent[] = [];
      for (const order of out.exec) {
        if (order.type !== "execute") continue;
        ended.push({ type: "executed", orderId: order.orderId, outcome });
      }
      left -= ended.length;
      timed(ended, now);
      finished += out.toScheduler.length;
    }
    const keys = orders.map((message) => message.key);
    timed([fromScheduler(0, { op: "free-keys", keys, stimulus_id: "free" })], now);
  }
  expect(finished).toBeGreaterThanOrEqual(batches * batch);
  expect(state.tasks.size).toBe(0);
  return (spentMs * 1_000) / (batches * batch);
}

it("costs a few microseconds per task", () => {
  run(300);
  const figures = [run(600), run(600), run(600)].sort((a, b) => a - b);
  console.info(`worker core: ${figures[0]!.toFixed(2)} µs per task, order to freed`);
  expect(figures[0]).toBeLessThan(60);
});
