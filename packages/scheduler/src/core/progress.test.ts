// How far a computation is, as a progress bar is told: what counts, what is done, and how it ends.
import { taskKey } from "@acme/protocol";
import { expect, it } from "vitest";
import { play } from "../scenarios/run.js";
import { beginProgress, followProgress, type Progress, remainingByGroup } from "./progress.js";

const before = "worker w1 threads=2\nclient c1\ngraph c1 inc-1 inc-2 sum-1(inc-1,inc-2) want=sum-1";

function after(...commands: string[]) {
  return play([before, ...commands].map((one) => `${one}\n----\n`).join("\n")).world.state;
}

function watched(complete: boolean, ...commands: string[]): Progress {
  const progress = beginProgress(after(...commands), [taskKey("sum-1")], complete, false);
  if (progress === null) throw new Error("the key is not known");
  return progress;
}

it("waits for keys that are not known yet", () => {
  expect(beginProgress(after(), [taskKey("sum-1"), taskKey("later")], false, false)).toBeNull();
});

it("counts all that the keys need, and only what is not done unless it is told to", () => {
  const counts = ({ all, remaining }: Progress) => [Object.fromEntries(all), remaining.size];
  expect(counts(watched(false))).toEqual([{ sum: 1, inc: 2 }, 3]);
  expect(counts(watched(false, "finish w1 inc-1"))).toEqual([{ sum: 1, inc: 1 }, 2]);
  expect(counts(watched(true, "finish w1 inc-1"))).toEqual([{ sum: 1, inc: 2 }, 2]);
});

it("sees tasks that were done and released again, and the end", () => {
  const progress = watched(true);
  followProgress(after("finish w1 inc-1"), progress);
  expect(Object.fromEntries(remainingByGroup(progress))).toEqual({ sum: 1, inc: 1 });
  followProgress(after("finish w1 inc-1", "finish w1 inc-2", "finish w1 sum-1"), progress);
  expect([progress.status, progress.remaining.size, progress.error]).toEqual(["finished", 0, null]);
});

it("ends with the task that failed, or with a key that was cancelled", () => {
  const failed = watched(false);
  followProgress(after("err w1 inc-1"), failed);
  expect([failed.status, failed.error?.key]).toEqual(["error", expect.any(String)]);
  const late = watched(false);
  followProgress(after("finish w1 inc-1", "finish w1 inc-2", "err w1 sum-1"), late);
  expect(Object.fromEntries(remainingByGroup(late))).toEqual({ sum: 1, inc: 0 });
  const cancelled = watched(false);
  followProgress(after("release c1 sum-1"), cancelled);
  expect(cancelled).toMatchObject({ status: "error", error: { key: "sum-1", exception: true } });
});
