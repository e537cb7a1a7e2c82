// Real worker processes are killed with SIGKILL while they work. No future may be rejected, every
// result must be right, and a killed worker must be back quickly. Corresponds to what the
// simulator tries a thousand times without processes; the soak repeats it.
import { expect, it } from "vitest";
import { killedAmong, killWorkers } from "./kill-workers.js";

it("loses nothing when workers are killed, one a second", async () => {
  const { tookMs, backMs, right, rejected } = await killWorkers();
  const { tasks, taskMs } = killedAmong;
  console.info(`${tasks} tasks of ${taskMs} ms in ${tookMs} ms; back after ms: ${backMs}`);
  expect(rejected).toEqual([]);
  expect(right).toBe(tasks);
  // Whatever else the machine does meanwhile: most of them.
  expect(backMs.toSorted((a, b) => a - b)[Math.floor(backMs.length / 2)]).toBeLessThan(1_000);
});
