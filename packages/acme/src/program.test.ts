// What the words of the command line mean, and what is printed for people.
import { expect, it } from "vitest";
import { listText } from "./cluster-list.js";
import { type Actions, program } from "./program.js";
import { statusText } from "./status-report.js";

async function called(...words: string[]): Promise<unknown[]> {
  let call: unknown[] = [];
  const note =
    (name: string) =>
    async (...args: unknown[]) => {
      call = [name, ...args];
    };
  const actions: Actions = {
    map: note("map"),
    resume: note("resume"),
    results: note("results"),
    env: note("env"),
    list: note("list"),
    status: note("status"),
    connect: note("connect"),
    jobs: note("jobs"),
    cleanJobs: note("cleanJobs"),
  };
  const quiet = { writeErr: () => {}, writeOut: () => {} };
  const acme = program(actions, "1.2.3").configureOutput(quiet);
  for (const command of acme.commands) command.configureOutput(quiet);
  await acme.parseAsync(words, { from: "user" });
  return call;
}

it("knows its commands", async () => {
  expect(await called("env", "a")).toEqual(["env", "a"]);
  expect(await called("env")).toEqual(["env", "default"]);
  expect(await called("list", "--json")).toEqual(["list", { json: true }]);
  expect(await called("status", "a")).toEqual(["status", "a", {}]);
  expect(await called("jobs", "--json")).toEqual(["jobs", { json: true }]);
  expect(await called("jobs", "clean")).toEqual(["cleanJobs", undefined, {}]);
  expect(await called("jobs", "clean", "a", "-y")).toEqual(["cleanJobs", "a", { yes: true }]);
  const flags = ["--as", "b", "--ssh-config", "f"];
  expect(await called("connect", "ada@login", "a", ...flags)).toEqual([
    "connect",
    "ada@login",
    "a",
    { as: "b", sshConfig: "f" },
  ]);
  await expect(called("connect")).rejects.toThrow(/missing required argument/);
  await expect(called("dance")).rejects.toThrow(/unknown command/);
});

it("lists clusters in columns", () => {
  const text = listText([
    { name: "a", state: "alive", address: "tls://127.0.0.1:8786", note: "process 1" },
    { name: "longer", state: "no scheduler", address: null, note: "" },
  ]);
  expect(text).toBe(
    "a       alive         tls://127.0.0.1:8786  process 1\nlonger  no scheduler  -\n",
  );
});

it("tells a status in words", () => {
  const numbers = {
    clients: 1,
    threads: 4,
    workerCount: 2,
    tasks: { processing: 9 },
    memory: { usedBytes: 3 * 2 ** 20, limitBytes: 2 ** 30 },
    functions: [{ name: "f", made: 10, open: 3, failed: 2, states: { erred: 2, processing: 2 } }],
  };
  expect(statusText(numbers)).toBe(
    "2 workers with 4 threads, 4 at work, 3 MiB of 1,024 MiB of memory used, 1 clients\n" +
      "f: 5 of 10 done, 2 running, 2 failed\n",
  );
  const idle = { ...numbers, functions: [], memory: { usedBytes: 0, limitBytes: null } };
  expect(statusText(idle)).toMatch(/, 0 MiB of memory used, 1 clients\nno tasks\n$/);
});
