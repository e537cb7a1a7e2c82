// How well time is used: tasks that take a known time, on slots that should never be empty, and
// the same when a worker is killed. Tasks block their thread without using a processor.
import { setTimeout as sleep } from "node:timers/promises";
import type { Client, Future } from "@acme/client";
import { check } from "./workloads.js";

/** A run, and the time it would take if no slot were ever empty. */
export interface Quality {
  readonly seconds: number;
  readonly idealSeconds: number;
  readonly efficiency: number;
}

const same = (x: number): number => x;

const nap = (ms: number, x: number): number => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  return x;
};

const napWith = (ms: number, x: number, datum: Uint8Array): number => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  return x + datum[0]!;
};

/** 200 x 50 ms. */
export function even(client: Client, slots: number): Promise<Quality> {
  return measured(client, new Array(200).fill(50), slots);
}

/** 180 x 20 ms and 20 x 400 ms, shuffled: nothing tells the long ones from the short. */
export function skew(client: Client, slots: number, seed = 1): Promise<Quality> {
  const times = [...new Array(180).fill(20), ...new Array(20).fill(400)] as number[];
  let random = seed;
  for (let i = times.length - 1; i > 0; i--) {
    random = (Math.imul(random, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    const j = Math.floor((random / 2 ** 31) * (i + 1));
    [times[i], times[j]] = [times[j] as number, times[i] as number];
  }
  return measured(client, times, slots);
}

/** 200 x 50 ms that all need one datum of 1 MB, which one worker has. */
export async function locality(client: Client, slots: number): Promise<Quality> {
  const [worker] = (await client.ncores()).keys();
  const [datum] = await client.scatter([new Uint8Array(1e6).fill(1)], {
    workers: [worker as string],
  });
  const times = new Array(200).fill(50) as number[];
  const indices = times.map((_, i) => i);
  const startedMs = performance.now();
  const futures = client.map(napWith, [times, indices], {
    args: [datum as Future<Uint8Array>],
    pure: false,
  });
  const values = await client.gather(futures);
  const quality = qualityOf(times, slots, startedMs);
  check(
    "locality",
    values.every((value, i) => value === i + 1),
  );
  await release([...futures, datum as Future]);
  return quality;
}

/**
 * 400 x 50 ms and as many no-ops that read their results; a worker is killed after two seconds.
 *
 * @param kill - kills one of the workers
 * @returns the time, and the least possible one: what was lost is computed again on the others
 */
export async function workerLoss(
  client: Client,
  { slots, kill }: { readonly slots: number; readonly kill: () => void },
): Promise<Quality> {
  const times = new Array(400).fill(50) as number[];
  const indices = times.map((_, i) => i);
  const startedMs = performance.now();
  const first = client.map(nap, [times, indices], { pure: false });
  const second = client.map(same, [first], { pure: false });
  await sleep(2_000 - (performance.now() - startedMs));
  kill();
  const values = await client.gather(second);
  const seconds = (performance.now() - startedMs) / 1_000;
  check(
    "worker loss",
    values.every((value, i) => value === i),
  );
  await release([...first, ...second]);
  // What the killed worker had done in two seconds is done once more.
  const workSeconds = (400 * 50) / 1_000 + 2;
  const idealSeconds = 2 + (workSeconds - 2 * slots) / (slots - 1);
  return { seconds, idealSeconds, efficiency: idealSeconds / seconds };
}

async function measured(client: Client, times: readonly number[], slots: number): Promise<Quality> {
  const startedMs = performance.now();
  const indices = times.map((_, i) => i);
  const futures = client.map(nap, [times, indices], { pure: false });
  const values = await client.gather(futures);
  const quality = qualityOf(times, slots, startedMs);
  check(
    "quality",
    values.every((value, i) => value === i),
  );
  await release(futures);
  return quality;
}

function qualityOf(times: readonly number[], slots: number, startedMs: number): Quality {
  const seconds = (performance.now() - startedMs) / 1_000;
  const idealSeconds = times.reduce((a, b) => a + b, 0) / 1_000 / slots;
  return { seconds, idealSeconds, efficiency: idealSeconds / seconds };
}

async function release(futures: readonly Future<unknown>[]): Promise<void> {
  for (const future of futures) future.release();
  await sleep(200);
}
