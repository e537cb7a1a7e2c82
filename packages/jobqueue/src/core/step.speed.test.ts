// Goal: looking after 1,000 jobs of 4 workers costs next to nothing beside running them. The figures
// are printed. The bounds are loose on purpose, because test machines are shared: they catch a loop
// over all jobs for each job, not a slow day.
import { expect, it } from "vitest";
import type { ReconcileEvent } from "./events.js";
import { type Bench, running } from "./fixtures/bench.js";

function stepMs(bench: Bench, times: number, event: () => ReconcileEvent[]): number {
  const start = performance.now();
  for (let i = 0; i < times; i++) {
    bench.nowMs += 1;
    bench.do(...event());
  }
  return (performance.now() - start) / times;
}

it("costs a fraction of a millisecond per step at a thousand jobs", () => {
  const { bench } = running(1_000, { processes: 4 });
  expect(bench.phases().filter((phase) => phase === "up")).toHaveLength(1_000);
  const statuses = [...bench.statuses.values()];
  const bySlot = new Map(bench.workers);
  const polled = (): ReconcileEvent[] => [{ type: "polled", askedMs: bench.nowMs, statuses }];
  stepMs(bench, 100, polled);
  const idle = stepMs(bench, 500, () => []);
  const workers = stepMs(bench, 200, () => [{ type: "workers", bySlot }]);
  const poll = stepMs(bench, 200, polled);
  const figures = { idle, workers, poll };
  const text = Object.entries(figures).map(([name, ms]) => `${name} ${(ms * 1_000).toFixed(0)} µs`);
  console.log(`a step at 1,000 jobs of 4 workers: ${text.join(", ")}`);
  expect(idle).toBeLessThan(5);
  expect(workers).toBeLessThan(20);
  expect(poll).toBeLessThan(20);
  const stop = performance.now();
  const out = bench.do({ type: "scale", requestId: 2, jobs: 0 });
  expect(out.retire).toHaveLength(1_000);
  expect(performance.now() - stop).toBeLessThan(500);
});
