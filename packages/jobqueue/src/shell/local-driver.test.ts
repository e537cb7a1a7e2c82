// A driver is chosen by what the command prints when it is asked which one it is.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import type { BatchDriver } from "../drivers/driver.js";
import { pbs } from "../drivers/pbs.js";
import { Commands } from "./commands.js";
import { localDriver } from "./local-driver.js";

const usage = readFileSync(
  new URL("../drivers/fixtures/qsub-slurm-version.txt", import.meta.url),
  "utf8",
);

/** PBS whose qsub is a program of ours. */
function pbsThatSays(program: string, ...rest: string[]): BatchDriver {
  const dialects = pbs.dialects as NonNullable<BatchDriver["dialects"]>;
  return { ...pbs, dialects: { ...dialects, question: { argv: [program, ...rest] } } };
}

it.each([
  ["OpenPBS", 'console.log("pbs_version = 23.06.06")', null],
  ["SLURM", `console.error(${JSON.stringify(usage)}); process.exit(2)`, 1],
])("knows %s", async (_, program, arraySize) => {
  const driver = await localDriver(pbsThatSays(process.execPath, "-e", program), new Commands());
  expect(driver.arraySize).toBe(arraySize);
});

it("leaves the driver as it is when the command is missing", async () => {
  const driver = pbsThatSays("/no/such/qsub");
  expect(await localDriver(driver, new Commands())).toBe(driver);
});
