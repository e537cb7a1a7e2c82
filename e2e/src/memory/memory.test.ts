// Goal: a memory limit is kept and nothing is lost by it. Method: real workers with small limits;
// the soak does the same with large ones.
import { expect, it } from "vitest";
import { pauseAndResume, pauseTasks } from "./pause-and-resume.js";
import { innocentTasks, runTaskAway } from "./run-away.js";
import { spillAndGather } from "./spill-and-gather.js";

const MB = 1_000_000;

it("spills results beyond the limit, brings them back right, and leaves no file behind", async () => {
  const [values, valueBytes] = [60, 8 * MB];
  const figures = await spillAndGather({
    memoryLimit: "256 MB",
    values,
    valueBytes,
    gatherAtOnce: values,
  });
  console.info("spilling", figures);
  expect(figures.right).toBe(values);
  expect(figures.workerProcesses).toBe(1);
  expect(figures.peakWorkerBytes).toBeLessThan(256 * MB);
  expect(figures.peakSpilledBytes).toBeGreaterThan(values * valueBytes - 256 * MB);
  expect(figures.leftBehind).toEqual([]);
});

it("pauses a worker that is nearly full, and lets it go on", async () => {
  const figures = await pauseAndResume(512 * MB, 3_000);
  console.info("pausing", figures);
  expect(figures.statuses).toEqual(["running", "paused", "running"]);
  expect(figures.endedWhilePaused).toBe(0);
  expect(figures.right).toBe(pauseTasks);
  expect(figures.workerProcesses).toBe(1);
});

it("blames only the task whose memory runs away", async () => {
  const figures = await runTaskAway(400 * MB);
  console.info("running away", figures);
  expect(figures.guilty).toBe("KilledWorker");
  expect(figures.right).toBe(innocentTasks);
  expect(figures.others).toEqual([]);
});
