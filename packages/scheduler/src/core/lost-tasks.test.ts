// The same answer whatever order the tasks come in, and in time that grows with the edges alone.
import type { TaskKey } from "@acme/protocol";
import { expect, it } from "vitest";
import { lostTasks } from "./lost-tasks.js";
import type { Rows } from "./order.js";

const named = (count: number, mark = "k") =>
  Array.from({ length: count }, (_, i) => `${mark}${i}` as TaskKey);

function rowsOf(lists: readonly (readonly number[])[]): Rows {
  const offsets = [0];
  for (const list of lists) offsets.push((offsets.at(-1) as number) + list.length);
  return { offsets: Uint32Array.from(offsets), indices: Uint32Array.from(lists.flat()) };
}

const none = () => false;

it("follows what is missing to all that need it, and stops at tasks that are known", () => {
  const plan = { keys: named(5), externals: named(1, "x"), rows: rowsOf([[1], [5], [0], [2], []]) };
  expect(lostTasks(plan, none)).toEqual(Uint8Array.of(1, 1, 1, 1, 0));
  expect(lostTasks(plan, (key) => key === "k0")).toEqual(Uint8Array.of(0, 1, 0, 0, 0));
  expect(lostTasks(plan, (key) => key === "x0")).toBeNull();
  expect(lostTasks({ ...plan, rows: null }, none)).toBeNull();
});

it("takes a chain that is given from its end as easily as any", () => {
  const count = 200_000;
  const lists = Array.from({ length: count }, (_, i) => [i + 1]);
  const plan = { keys: named(count), externals: named(1, "x"), rows: rowsOf(lists) };
  const startedMs = performance.now();
  expect(lostTasks(plan, none)?.every((one) => one === 1)).toBe(true);
  expect(performance.now() - startedMs).toBeLessThan(2_000);
});
