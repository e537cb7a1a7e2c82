// The queue is asked in the second way once the first one is refused, and stays with it.
import { describe, expect, it } from "vitest";
import type { BatchDriver } from "../drivers/driver.js";
import { slurm } from "../drivers/slurm.js";
import { Commands } from "./commands.js";
import { QueuePoll } from "./queue-poll.js";

const node = (program: string) => ({ argv: [process.execPath, "-e", program] });
const text = node('console.log("7_1|RUNNING|1700000000|1700003600|node2|acme:x|None")');

const driver = (first: string): BatchDriver => ({
  ...slurm,
  poll: () => node(first),
  pollFallback: () => text,
});

describe("asking the queue", () => {
  it.each([
    ["an old release", 'console.error("squeue: unrecognized option --json"); process.exit(1)'],
    ["no plugin for it", 'console.log("[]")'],
  ])("falls back for %s, and asks once only after that", async (_, first) => {
    const commands = new Commands();
    const poll = new QueuePoll(driver(first), commands);
    for (let i = 0; i < 2; i++) {
      const [status] = await poll.ask([{ jobId: "7", index: 1 }]);
      expect(status).toMatchObject({
        ref: { jobId: "7", index: 1 },
        state: "running",
        nodes: "node2",
        startMs: 1_700_000_000_000,
        comment: "acme:x",
      });
    }
    expect(commands.started).toBe(3);
  });

  it("does not take a busy controller for a refusal", async () => {
    const busy = 'console.error("slurm_load_jobs error: Socket timed out"); process.exit(1)';
    const poll = new QueuePoll(driver(busy), new Commands());
    await expect(poll.ask([])).rejects.toThrow("Socket timed out");
  });
});
