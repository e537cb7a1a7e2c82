// Which options tasks may have, and what is said of those they may not.
import { expect, test } from "vitest";
import { batchOptions, type TaskOptions } from "./task-options.js";

test("options of tasks in the words of the wire", () => {
  expect(batchOptions({})).toEqual({ constraint: null, retries: 0, userPriority: 0 });
  const options = { retries: 2, priority: -1.5, workers: "a", resources: { GPU: 0.5 }, slots: 2 };
  expect(batchOptions({ ...options, executor: "process", allowOtherWorkers: false })).toEqual({
    constraint: {
      workers: ["a"],
      allow_other_workers: false,
      resources: new Map([["GPU", 0.5]]),
      slots: 2,
      executor: "process",
    },
    retries: 2,
    userPriority: -1.5,
  });
});

test.each([
  [{ retries: -1.5 }, "retries is -1.5: give a whole number from 0 on"],
  [{ priority: "high" }, "priority is 'high': give a number"],
  [{ workers: [5] }, "workers is [ 5 ]: give a text or a list of texts"],
  [{ allowOtherWorkers: 1 }, "allowOtherWorkers is 1: give true or false"],
  [{ resources: { GPU: "one" } }, "resources is { GPU: 'one' }: give an object of numbers"],
  [{ slots: 0 }, "slots is 0: give a whole number from 1 on"],
  [{ executor: "gpu" }, 'executor is \'gpu\': give "thread" or "process"'],
  [{ maxDurationMs: "1 h" }, "maxDurationMs is '1 h': give a number"],
  [{ memoryBytes: Number.NaN }, "memoryBytes is NaN: give a number"],
])("%o is refused before it is sent", (options, message) => {
  expect(() => batchOptions(options as TaskOptions)).toThrow(`the option ${message}`);
});
