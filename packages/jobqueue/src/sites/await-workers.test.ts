// The wait for the first workers: what is shown, and what becomes of it when time is up.
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { JobReport } from "../core/index.js";
import { WorkersNotStartedError } from "../errors.js";
import { awaitWorkers, type StartingCluster } from "./await-workers.js";
import { StatusLine, statusText } from "./status-line.js";

const report = (batchState: string, reason: string): JobReport => ({
  slot: 0,
  name: null,
  ref: null,
  phase: "queued",
  sinceMs: 0,
  batchState,
  reason,
  nodes: "",
  startMs: null,
  endMs: null,
  workers: 0,
  outcome: null,
  exitCode: null,
  signal: null,
  restarts: 0,
});

/** Workers that come after so many milliseconds, or not at all. */
function cluster(nRegistered: number, comes: (signal: AbortSignal) => Promise<void>) {
  return {
    nWorkers: 3,
    nRegistered,
    jobs: () => [report("PENDING", "Resources"), report("PENDING", "Resources"), report("", "")],
    waitForWorkers: (_count, { signal }) => comes(signal),
  } satisfies StartingCluster;
}

const never = (signal: AbortSignal): Promise<void> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

function output(isTTY = false, columns = 200) {
  let text = "";
  const stream = { isTTY, columns, write: (more: string) => (text += more) };
  return { line: new StatusLine("setup", stream), text: () => text };
}

const options = { atLeast: 1, timeoutMs: 50, answerMs: 10, ask: null };

describe("with nobody to ask", () => {
  it("ends with an error that says what the jobs do, when no worker came", async () => {
    const { line } = output();
    await expect(awaitWorkers(cluster(0, never), line, options)).rejects.toThrow(
      /within 0 s \(2 pending: Resources, 1 queued\)/,
    );
  });

  it("waits on where there is no hurry, until a worker comes", async () => {
    const { line } = output();
    const late = cluster(0, () => sleep(200));
    expect(await awaitWorkers(late, line, { ...options, waitsOn: true })).toBe(true);
  });

  it("goes on with those that came", async () => {
    const { line, text } = output();
    expect(await awaitWorkers(cluster(2, never), line, options)).toBe(true);
    expect(text()).toMatch(/only 2 of 3 workers so far/);
  });
});

it("goes on as soon as there are enough", async () => {
  const { line, text } = output();
  const soon = cluster(1, () => sleep(5));
  expect(await awaitWorkers(soon, line, { ...options, timeoutMs: 5000 })).toBe(true);
  expect(text().split("\n")[0]).toBe(
    "<setup> SLURM workers ready: 1/3  [elapsed time 00:00 | timeout at 00:05] " +
      "2 pending: Resources, 1 queued",
  );
});

it("fails at once with the cluster's reason", async () => {
  const { line } = output();
  const doomed = cluster(0, () => Promise.reject(new WorkersNotStartedError("PartitionConfig")));
  await expect(awaitWorkers(doomed, line, { ...options, timeoutMs: 60_000 })).rejects.toThrow(
    "PartitionConfig",
  );
});

describe("with somebody to ask", () => {
  it.each([
    [2, "c", true],
    [2, "a", false],
    [0, "a", false],
  ])("with %i workers the answer %s goes on: %j", async (ready, answer, goesOn) => {
    const { line } = output(true);
    const ask = () => Promise.resolve(answer);
    expect(await awaitWorkers(cluster(ready, never), line, { ...options, ask })).toBe(goesOn);
  });

  it("waits once more, and offers to continue only when there is something", async () => {
    const asked: string[][] = [];
    const { line } = output(true);
    const ask = ({ answers }: { answers: readonly string[] }) => {
      asked.push([...answers]);
      return Promise.resolve(asked.length === 1 ? "k" : "a");
    };
    expect(await awaitWorkers(cluster(0, never), line, { ...options, ask })).toBe(false);
    expect(asked).toEqual([
      ["a", "k"],
      ["a", "k"],
    ]);
  });
});

it("takes no answer as a wish to wait where there is no hurry", async () => {
  const asked: string[][] = [];
  const { line } = output(true);
  const ask = ({ answers }: { answers: readonly string[] }) => {
    asked.push([...answers]);
    return Promise.resolve(asked.length === 1 ? (answers[0] as string) : "a");
  };
  const noHurry = { ...options, ask, waitsOn: true };
  expect(await awaitWorkers(cluster(0, never), line, noHurry)).toBe(false);
  expect(asked).toEqual([
    ["k", "a"],
    ["k", "a"],
  ]);
});

it("shows hours when there are any", () => {
  const status = { ready: 0, wanted: 2, elapsedMs: 3_725_000, timeoutMs: 7_200_000, others: "" };
  expect(statusText(status)).toBe(
    "SLURM workers ready: 0/2  [elapsed time 01:02:05 | timeout at 02:00:00]",
  );
});

it.each([
  [
    101,
    "<setup> SLURM workers ready: 2/10  [elapsed time 00:07 | timeout at 01:00] 8 pending: Resources",
  ],
  [92, "SLURM workers ready: 2/10  [elapsed time 00:07 | timeout at 01:00] 8 pending: Resources"],
  [64, "workers ready: 2/10 [00:07/01:00] 8 pending: Resources"],
  [50, "2/10 ready [00:07/01:00] 8 pending: Resources"],
  [30, "2/10 ready [00:07/01:00] 8 pe"],
])("says in %i columns what fits", (columns, shown) => {
  const { line, text } = output(true, columns);
  const times = { elapsedMs: 7_000, timeoutMs: 60_000 };
  line.show({ ready: 2, wanted: 10, ...times, others: "8 pending: Resources" });
  expect(text()).toBe(`\r${shown}\u001b[K`);
  expect(shown.length).toBeLessThan(columns);
});

it("keeps what is said apart from the line that changes", () => {
  const { line, text } = output(true);
  const times = { elapsedMs: 0, timeoutMs: 1_000 };
  line.show({ ready: 0, wanted: 1, ...times, others: "" });
  line.say("a job failed");
  expect(text().split("\n").slice(1)).toEqual(["<setup> a job failed", ""]);
});
