// What a person at a terminal sees while workers start, and is asked when they do not: in a real
// terminal, wide and narrow, answered and not.
import { beforeEach, expect, it } from "vitest";
import { needTerminal, inTerminal as runInTerminal, type TerminalOptions } from "../terminal.js";
import { type SlurmFarm, slurmFarm } from "./farm.js";
import { programFolder, queued } from "./user-program.js";

let farm: SlurmFarm;
beforeEach(async (context) => {
  farm = await slurmFarm(context);
  await needTerminal(context);
});

/** Runs a program in a terminal of its own. */
async function inTerminal(body: string, columns: number, answers: TerminalOptions["answers"] = []) {
  using program = programFolder(farm, "slurmClusterSetup", body);
  const command = `${process.execPath} ${program.path}`;
  return await runInTerminal(command, { columns, cwd: farm.shared, env: farm.env, answers });
}

/** Nobody can start before tomorrow. */
const late = 'jobExtra: ["--begin=now+86400"], timeout: 2, interactiveWait: 3';
const waits = `
  await slurmClusterSetup({ ${late} }).catch((error) => {
    console.log(error.code);
    process.exitCode = 7;
  });
`;
const question = /No worker yet\. \[k\]eep waiting for 2 s or \[a\]bort\? \[a, in 3 s by itself\]/;

it("takes an unanswered question as answered, after the time it says", async () => {
  const { text, exitCode, elapsedMs } = await inTerminal(waits, 120);
  expect(text).toMatch(question);
  expect(text).toContain("WORKERS_NOT_STARTED");
  expect(exitCode).toBe(7);
  expect(elapsedMs).toBeGreaterThan(5_000);
  expect(elapsedMs).toBeLessThan(20_000);
  expect(await queued(farm)).toEqual([]);
});

it("waits on when told to, and stops when told to", async () => {
  const keys = [
    [question, "x\n"],
    [question, "K\n"],
    [question, "a\n"],
  ] as const;
  const { text, exitCode } = await inTerminal(waits.replace("Wait: 3", "Wait: 60"), 120, [
    ...keys.map(([, key]) => [/by itself\] /, key] as const),
  ]);
  expect(text.match(/No worker yet/g)?.length).toBeGreaterThanOrEqual(3);
  expect(text).toContain("timeout at 00:04");
  expect(exitCode).toBe(7);
  expect(await queued(farm)).toEqual([]);
});

it("ends at Ctrl-C, also while it asks", async () => {
  const { exitCode } = await inTerminal(waits, 120, [[/by itself\] /, "\u0003"]]);
  expect(exitCode).not.toBe(7);
  await expect.poll(() => queued(farm), { timeout: 10_000 }).toEqual([]);
});

it("goes on with those that came", async () => {
  const some = 'nWorkers: 12, partition: "8GBXS", nWorkersStartup: 12, memPerWorker: "400 MB"';
  const body = `
    const client = await slurmClusterSetup({ ${some}, timeout: 12, interactiveWait: 2 });
    console.log("workers: " + (await client.schedulerInfo(0)).nWorkers);
    await client.close();
  `;
  const { text, exitCode } = await inTerminal(body, 120);
  expect(text).toMatch(
    /\d of 12 workers\. \[k\]eep waiting for 12 s, \[a\]bort, or \[c\]ontinue with \d/,
  );
  expect(text).toMatch(/workers: [1-9]/);
  expect(text).toMatch(/ready: \d of 12 workers at tls:\S+; the others join when they come/);
  expect(exitCode).toBe(0);
  expect(await queued(farm)).toEqual([]);
});

it.each([120, 46])("shows one line that changes, in %i columns", async (columns) => {
  const body = `
    const client = await slurmClusterSetup({ nWorkers: 2, nWorkersStartup: 2 });
    await client.close();
  `;
  const { text } = await inTerminal(body, columns);
  const states = text.split("\r").filter((state) => state.endsWith("\u001b[K"));
  expect(states.length).toBeGreaterThan(1);
  for (const state of states) expect(state.length - "\u001b[K".length).toBeLessThan(columns);
  expect(states[0]).toContain("0/2");
  expect(states.at(-1)).not.toContain("0/2");
});
