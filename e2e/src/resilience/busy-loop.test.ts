// Tasks that never yield must not hurt anybody else: heartbeats go on, other clients are served,
// and a cancelled one frees its slot.
import { setTimeout as sleep } from "node:timers/promises";
import { Client, LocalCluster } from "@acme/client";
import { expect, it } from "vitest";

const slots = 2;
const nominalMs = 500;

const forever = (_: number): void => {
  for (;;);
};

it("keeps heartbeats and other clients alive, and frees the slot of a cancelled task", async () => {
  await using cluster = await LocalCluster.start({ nWorkers: slots, logLevel: "silent" });
  await using client = await Client.connect(cluster);
  await using other = await Client.connect(cluster);
  await client.waitForWorkers(slots);
  const stuck = client.map(forever, [[1, 2]], { pure: false });
  await sleep(1000);
  const gapsMs = await heartbeatGaps(other, 8_000);
  const p99 = gapsMs.toSorted((a, b) => a - b)[Math.ceil(gapsMs.length * 0.99) - 1] as number;
  console.info(`${gapsMs.length} heartbeat gaps, p99 ${p99.toFixed(0)} ms (nominal ${nominalMs})`);
  expect(gapsMs.length).toBeGreaterThanOrEqual(20);
  expect(p99).toBeLessThanOrEqual(2 * nominalMs);

  const started = performance.now();
  await client.cancel(stuck, { force: true });
  expect(await other.submit((x: number) => x * 2, [21]).result()).toBe(42);
  const freedMs = performance.now() - started;
  console.info(`a cancelled busy loop gave its slot back after ${freedMs.toFixed(0)} ms`);
  expect(freedMs).toBeLessThan(2000);
});

/** Time between heartbeats of each worker as the scheduler saw them. */
async function heartbeatGaps(client: Client, watchMs: number): Promise<number[]> {
  const last = new Map<string, number>();
  const gapsMs: number[] = [];
  const untilMs = performance.now() + watchMs;
  while (performance.now() < untilMs) {
    const { workers } = await client.schedulerInfo();
    for (const [address, worker] of Object.entries(workers)) {
      const seenMs = Number(worker.last_seen) * 1000;
      const beforeMs = last.get(address);
      if (beforeMs !== undefined && seenMs > beforeMs) gapsMs.push(seenMs - beforeMs);
      last.set(address, seenMs);
    }
    await sleep(20);
  }
  return gapsMs;
}
