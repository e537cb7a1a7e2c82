// Small tasks whose cost is the path they take: maps, single calls, and graphs of no-ops. Each
// checks its results. They know a client alone, not what processes it is connected to.
import { setTimeout as sleep } from "node:timers/promises";
import { type Client, type Future, ref } from "@acme/client";

/** One run of a workload. */
export interface Run {
  readonly tasks: number;
  readonly seconds: number;
  /** Gives the results up; not part of the time. */
  release(): Promise<void>;
}

export type Workload = (client: Client) => Promise<Run>;

const same = (x: number): number => x;
const add = (a: number, b: number): number => a + b;

/** N no-ops, from the call until their values are here. */
export const map =
  (tasks: number): Workload =>
  async (client) => {
    const inputs = Array.from({ length: tasks }, (_, i) => i);
    const startedMs = performance.now();
    const futures = client.map(same, [inputs], { pure: false });
    const values = await client.gather(futures);
    const seconds = secondsSince(startedMs);
    check("map", values.length === tasks && values.every((value, i) => value === i));
    return { tasks, seconds, release: () => release(futures) };
  };

/** A chain: each task needs the one before. */
export const chain =
  (tasks: number): Workload =>
  async (client) => {
    const graph: Record<string, unknown> = {};
    const name = unique("chain");
    for (let i = 0; i < tasks; i++)
      graph[`${name}-${i}`] = [add, i ? ref(`${name}-${i - 1}`) : 0, 1];
    return computed(client, graph, { key: `${name}-${tasks - 1}`, value: tasks });
  };

/** A binary tree of sums over that many leaves. */
export const tree =
  (leaves: number): Workload =>
  async (client) => {
    const graph: Record<string, unknown> = {};
    const name = unique("tree");
    let level = Array.from({ length: leaves }, (_, i) => `${name}-0-${i}`);
    for (const [i, key] of level.entries()) graph[key] = [same, i];
    for (let depth = 1; level.length > 1; depth++) {
      const above: string[] = [];
      for (let i = 0; i < level.length; i += 2) {
        const [left, right] = [level[i], level[i + 1]];
        if (right === undefined) {
          above.push(left as string);
          continue;
        }
        const key = `${name}-${depth}-${i / 2}`;
        graph[key] = [add, ref(left as string), ref(right)];
        above.push(key);
      }
      level = above;
    }
    return computed(client, graph, { key: level[0] as string, value: (leaves * (leaves - 1)) / 2 });
  };

/** Sources, a cut of each source for each sink, and sinks that sum up their cuts. */
export const shuffle =
  (width: number): Workload =>
  async (client) => {
    const graph: Record<string, unknown> = {};
    const name = unique("shuffle");
    const indices = Array.from({ length: width }, (_, i) => i);
    const sumOf = (parts: number[]): number => parts.reduce((a, b) => a + b, 0);
    for (const i of indices) graph[`${name}-source-${i}`] = [same, i];
    for (const i of indices) {
      for (const j of indices)
        graph[`${name}-cut-${i}-${j}`] = [add, ref(`${name}-source-${i}`), j];
    }
    for (const j of indices) {
      graph[`${name}-sink-${j}`] = [sumOf, indices.map((i) => ref(`${name}-cut-${i}-${j}`))];
    }
    const sinks = indices.map((j) => ref(`${name}-sink-${j}`));
    graph[`${name}-total`] = [sumOf, sinks];
    return computed(client, graph, { key: `${name}-total`, value: width * width * (width - 1) });
  };

export interface Latencies {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly min: number;
}

/** One call after the other, each waited for; milliseconds. */
export async function latency(
  client: Client,
  { calls, pauseMs }: { readonly calls: number; readonly pauseMs: number },
): Promise<Latencies> {
  const took: number[] = [];
  for (let i = 0; i < calls; i++) {
    const startedMs = performance.now();
    const future = client.submit(same, [i], { pure: false });
    check("latency", (await future.result()) === i);
    took.push(performance.now() - startedMs);
    future.release();
    if (pauseMs > 0) await sleep(pauseMs);
  }
  took.sort((a, b) => a - b);
  const at = (part: number) => took[Math.floor(part * (calls - 1))] as number;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), min: at(0) };
}

async function computed(
  client: Client,
  graph: Record<string, unknown>,
  expected: { readonly key: string; readonly value: number },
): Promise<Run> {
  const startedMs = performance.now();
  const futures = client.compute(graph, { keys: [expected.key] }) as Record<string, Future>;
  const future = futures[expected.key] as Future;
  const value = await future.result();
  const seconds = secondsSince(startedMs);
  check(expected.key, value === expected.value);
  return { tasks: Object.keys(graph).length, seconds, release: () => release([future]) };
}

/** Gives the results up, and the cluster a moment to forget them. */
async function release(futures: readonly Future<unknown>[]): Promise<void> {
  for (const future of futures) future.release();
  await sleep(200);
}

let runs = 0;
const unique = (name: string): string => `${name}-${process.pid}-${runs++}`;

const secondsSince = (startedMs: number): number => (performance.now() - startedMs) / 1_000;

export function check(what: string, isRight: boolean): void {
  if (!isRight) throw new Error(`${what}: the result is wrong`);
}
