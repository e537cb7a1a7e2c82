// Goal: what is done ahead is what the first function would wait for, and changes no function.
import { expect, test } from "vitest";
import { getReadyToPack } from "./get-ready.js";
import { hasInspected } from "./inspect.js";
import { packFunction } from "./pack-function.js";

const factor = 3;
const scale = (x: number): number => x * factor;

test("a first function costs less processor time than getting ready for it", async () => {
  expect(hasInspected()).toBe(false);
  const ahead = await processorMsOf(() => getReadyToPack());
  expect(hasInspected()).toBe(true);
  const first = await processorMsOf(async () => {
    const { frames } = await packFunction(scale);
    expect(Buffer.concat(frames).toString("latin1")).toContain("x * factor");
  });
  expect(first).toBeLessThan(ahead);
  expect(await processorMsOf(() => getReadyToPack())).toBeLessThan(ahead / 10);
});

async function processorMsOf(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
