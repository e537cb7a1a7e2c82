// A flood of one kind is summed up, and leaves other kinds alone.
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { limitRate } from "./log-rate.js";
import type { CommLogEntry } from "./types.js";

it("lets a few pass, counts the rest, and begins anew", async () => {
  const log: CommLogEntry[] = [];
  const sums: string[] = [];
  const limited = limitRate<CommLogEntry>({
    write: (entry) => log.push(entry),
    sumUp: (event, message) => sums.push(`${event}: ${message}`),
    limits: { logEntries: 3, logWindowMs: 50 },
  });
  const entry = (event: string): CommLogEntry => ({
    level: "warn",
    event,
    message: event,
    peerAddress: "tcp://127.0.0.1:1",
  });
  for (let i = 0; i < 100; i++) limited(entry("bad-message"));
  limited(entry("tls-failed"));
  expect(log.map((one) => one.event)).toEqual([
    ...Array.from({ length: 3 }, () => "bad-message"),
    "tls-failed",
  ]);
  await sleep(80);
  expect(sums).toEqual(["bad-message: 97 more like this in 0.05 s were not logged"]);
  limited(entry("bad-message"));
  expect(log).toHaveLength(5);
});
