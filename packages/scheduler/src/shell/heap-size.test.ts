// The heap of a scheduler follows what a batch system allows, not what the machine has.
import { expect, it } from "vitest";
import { schedulerHeapMb } from "./heap-size.js";

const GiB = 2 ** 30;

it("takes half of what there is", () => {
  expect(schedulerHeapMb(64 * GiB, 0)).toBe(32 * 1024);
  expect(schedulerHeapMb(64 * GiB, 4 * GiB)).toBe(2 * 1024);
  expect(schedulerHeapMb(64 * GiB, 2 ** 63)).toBe(32 * 1024);
  expect(schedulerHeapMb(GiB / 4, 0)).toBe(512);
});
