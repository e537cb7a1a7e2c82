// A scheduler ends when nothing happened for long enough, and not while there is work.
import { expect, it } from "vitest";
import { watchIdleness } from "./idle-watch.js";
import { startScheduler } from "./scheduler-server.js";

it("waits for the work that is left, then for the whole time", async () => {
  const startedMs = performance.now();
  const endsMs = await new Promise<number>((resolve) => {
    watchIdleness({
      idleTimeoutMs: 100,
      activity: () => 0,
      hasWork: () => performance.now() - startedMs < 150,
      onIdle: () => resolve(performance.now() - startedMs),
    });
  });
  expect(endsMs).toBeGreaterThanOrEqual(245);
  expect(endsMs).toBeLessThan(2000);
});

it("looks soon enough, also when the time is longer than a timer can wait", () => {
  const stop = watchIdleness({
    idleTimeoutMs: 1e12,
    activity: () => 0,
    hasWork: () => false,
    onIdle: () => {
      throw new Error("it is not idle yet");
    },
  });
  stop();
});

it("ends an idle scheduler with a reason", async () => {
  const scheduler = await startScheduler({ idleTimeoutMs: 50, logLevel: "silent" });
  expect(await scheduler.ended).toEqual({ reason: "nothing happened for 0.05 s" });
});
