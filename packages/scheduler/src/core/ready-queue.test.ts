// Goal: the best queued task comes first, whatever left the queue by other ways meanwhile.

import type { TaskKey } from "@acme/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Buckets } from "./buckets.js";
import { Constraint } from "./constraint.js";
import { TaskGroup, TaskPrefix } from "./groups.js";
import { dequeue, dropQueued, enqueue, peek } from "./ready-queue.js";
import { byPriority, Task } from "./task.js";

const group = new TaskGroup("g", new TaskPrefix("g"));

describe("ReadyQueue", () => {
  it("orders by user priority, then by order, and skips what has left", () => {
    const edit = fc.record({
      action: fc.constantFrom("add", "leave", "take"),
      at: fc.nat(19),
    });
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 300 }), (edits) => {
        const constraint = new Constraint("c", {}, new Buckets());
        const { queue } = constraint;
        const tasks = Array.from({ length: 20 }, (_, i) => {
          const task = new Task(`t${i}` as TaskKey, group, constraint);
          task.order = (i * 7) % 20;
          task.userPriority = i % 3;
          return task;
        });
        const queued = () => tasks.filter((task) => task.state === "queued").sort(byPriority);
        for (const { action, at } of edits) {
          const task = tasks[at] as Task;
          if (action === "add" && task.state !== "queued") {
            task.state = "queued";
            enqueue(queue, task);
          } else if (action === "leave" && task.state === "queued") {
            task.state = "released";
            dropQueued(queue);
          } else if (action === "take") {
            const best = queued()[0] ?? null;
            expect(dequeue(queue)).toBe(best);
            if (best !== null) {
              best.state = "processing";
              dropQueued(queue);
            }
          }
          expect(queue.size).toBe(queued().length);
          expect(peek(queue)).toBe(queued()[0] ?? null);
        }
      }),
    );
  });
});
