// Goal: keys and tokens stay in their files. Method: a real cluster at its most talkative, with
// failures; then a search in the command lines and environments of all processes, in what tasks and
// the programs they start can see, and in everything that was said.
import { Client } from "@acme/client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { processesWith } from "../commands/processes.js";
import { ClusterSite } from "./cluster-site.js";
import { approaches, intrude } from "./intruder.js";

let site: ClusterSite;
let client: Client;
/** Pieces of the secrets, as they would be found in any quotation. */
let secrets: string[];

beforeAll(async () => {
  site = await ClusterSite.start("discreet", "--port", "0", "--log-level", "debug");
  await site.startWorkers(2, "--log-level", "debug");
  const { security, token } = site.directory;
  const keyLines = security.key.split("\n").filter((line) => /^[\w+/=]{20,}$/.test(line));
  expect(keyLines.length).toBeGreaterThan(1);
  secrets = [...keyLines, token];
  client = await Client.connect("discreet");
});
afterAll(async () => {
  await client?.close();
  await site?.[Symbol.asyncDispose]();
});

/** What code in a job sees of its process, and what a program that it starts inherits. */
async function look(executor: string): Promise<string> {
  const { execFileSync } = await import("node:child_process");
  const environment = execFileSync("env", { encoding: "utf8" });
  return JSON.stringify([executor, process.argv, process.execArgv, process.env, environment]);
}

it.each(["thread", "process"] as const)("a task in a %s sees no secret", async (executor) => {
  const seen = await client.submit(look, [executor], { executor }).result();
  expect(seen).toContain("PATH");
  for (const secret of secrets) expect(seen).not.toContain(secret);
});

it("no command line and no environment of any process has one", () => {
  for (const secret of secrets) expect(processesWith(secret)).toEqual([]);
});

it("no log has one, also when things go wrong", async () => {
  for (const tls of Object.values(approaches)) {
    for (const { address } of await site.ports()) await intrude(address, tls, ["identity"]);
  }
  const failing = client.submit(() => {
    throw new Error("on purpose");
  }, []);
  await expect(failing.result()).rejects.toThrow("on purpose");
  const worker = site.run("worker", "--cluster", "discreet", "--nthreads", "nonsense");
  await worker;
  expect(site.said).toContain("refused");
  for (const secret of secrets) expect(site.said).not.toContain(secret);
});
