// Goal: the heap gives tasks by the scheduler's priority, then by arrival, whatever was taken out
// of its middle. Method: compared with a sorted array over seeded random operations.
import { taskKey } from "@acme/protocol";
import { describe, expect, it } from "vitest";
import { Random } from "../scenarios/fake-shell.js";
import { Task } from "./task.js";
import { comparePriority, TaskHeap } from "./task-heap.js";

function makeTask(sequence: number, ...priority: number[]): Task {
  const task = new Task(taskKey(`k${sequence}`), `k${sequence}`);
  task.sequence = sequence;
  task.priority = priority;
  return task;
}

describe("priorities", () => {
  it("compares number by number, then by arrival", () => {
    expect(comparePriority(makeTask(2, 0, 1), makeTask(1, 0, 2))).toBeLessThan(0);
    expect(comparePriority(makeTask(2, -1), makeTask(1, 0, 2))).toBeLessThan(0);
    expect(comparePriority(makeTask(1, 0), makeTask(2, 0))).toBeLessThan(0);
    expect(comparePriority(makeTask(1, 0, 0), makeTask(2, 0))).toBeGreaterThan(0);
  });
});

describe("TaskHeap", () => {
  it("agrees with sorting", () => {
    const random = new Random(3);
    const heap = new TaskHeap();
    let live: Task[] = [];
    for (let i = 0; i < 3_000; i++) {
      if (live.length === 0 || random.chance(0.55)) {
        const task = makeTask(i, random.below(5), random.below(20));
        heap.push(task);
        live.push(task);
      } else {
        const task = random.chance(0.5) ? heap.peek()! : random.pick(live);
        heap.remove(task);
        live = live.filter((one) => one !== task);
        expect(task.heapIndex).toBe(-1);
      }
      expect(heap.peek()).toBe([...live].sort(comparePriority)[0]);
      expect(heap.size).toBe(live.length);
    }
  });

  it("refuses a task that is in a heap already, or in another one", () => {
    const heap = new TaskHeap();
    const task = makeTask(1, 0);
    heap.push(task);
    expect(() => heap.push(task)).toThrow("one heap");
    expect(() => new TaskHeap().remove(task)).toThrow("the heap it is in");
  });
});
