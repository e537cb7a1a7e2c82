// Puts values of some size on a worker and fetches such values, through the scheduler or directly.
// The Python program of the same name does the same.
import { setTimeout as sleep } from "node:timers/promises";
import type { Client, Future } from "@acme/client";
import { check, type Figures, serve } from "./serve.js";

const settleMs = 20;
const make = (size: number, fill: number): Uint8Array => new Uint8Array(size).fill(fill);

await serve<{ bytes: number; rounds: number }>(async (client, { bytes, rounds }) => {
  const [worker] = (await client.ncores()).keys();
  const figures: Record<string, number> = {};
  for (const direct of [false, true]) {
    const scattered: number[] = [];
    const gathered: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const how = { workers: [worker as string], direct };
      scattered.push(await scatter(client, make(bytes, 7), how));
      gathered.push(await gather(client, { bytes, fill: round + 1 }, { direct }));
    }
    const suffix = direct ? "Direct" : "";
    Object.assign(figures, rates(bytes, { scatter: scattered, gather: gathered }, suffix));
  }
  return figures;
});

async function scatter(
  client: Client,
  data: Uint8Array,
  how: { workers: string[]; direct: boolean },
): Promise<number> {
  const startMs = performance.now();
  const future = await client.scatter(data, how);
  const milliseconds = performance.now() - startMs;
  const last = await client.submit((array: Uint8Array) => array.at(-1), [future]).result();
  check(last === 7, "scatter");
  await released(future);
  return milliseconds;
}

async function gather(
  client: Client,
  { bytes, fill }: { bytes: number; fill: number },
  how: { direct: boolean },
): Promise<number> {
  const future = client.submit(make, [bytes, fill], { pure: false });
  await future.wait();
  const startMs = performance.now();
  const value = await client.gather(future, how as object);
  const milliseconds = performance.now() - startMs;
  check(value.byteLength === bytes && value[bytes - 1] === fill, "gather");
  await released(future);
  return milliseconds;
}

/** Megabytes per second of the median. */
function rates(bytes: number, ways: Record<string, number[]>, suffix: string): Figures {
  const each = Object.entries(ways).map(([way, milliseconds]) => {
    const sorted = [...milliseconds].sort((a, b) => a - b);
    return [`${way}${suffix}`, bytes / 1000 / sorted[Math.floor(sorted.length / 2)]!];
  });
  return Object.fromEntries(each);
}

/** The next value finds the memory free. */
async function released(future: Future): Promise<void> {
  future.release();
  await sleep(settleMs);
}
