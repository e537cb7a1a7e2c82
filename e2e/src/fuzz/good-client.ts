// The program of a client that means well: it runs small maps on the real workers, and asks the
// scheduler something simple, all the time, and tells how long that takes and whether it is right.
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "@acme/client";
import { RpcPool, type Security } from "@acme/comm";

/** What it is told when it starts. */
export interface GoodClientTask {
  readonly address: string;
  readonly security: Security;
  /** Names of the real workers: fuzzed ones would keep tasks for themselves. */
  readonly workers: readonly string[];
}

/** What it has seen since it was last asked. */
export interface GoodClientReport {
  readonly mapMs: readonly number[];
  readonly pingMs: readonly number[];
  readonly wrong: readonly string[];
}

const mapSize = 8;
const pauseMs = 15;
const pingPauseMs = 20;

async function main(task: GoodClientTask): Promise<void> {
  const { address, security, workers } = task;
  const client = await Client.connect(address, { security });
  const pool = new RpcPool({ security });
  let mapMs: number[] = [];
  let pingMs: number[] = [];
  let wrong: string[] = [];
  let isOver = false;
  const maps = async (): Promise<void> => {
    for (let round = 0; !isOver; round++) {
      const startedMs = performance.now();
      try {
        await oneMap(client, workers, round);
        mapMs.push(performance.now() - startedMs);
      } catch (error) {
        wrong.push(`${(error as Error).name}: ${(error as Error).message}`.slice(0, 500));
        await sleep(100);
      }
      await sleep(pauseMs);
    }
  };
  const pings = async (): Promise<void> => {
    while (!isOver) {
      const startedMs = performance.now();
      try {
        await pool.call(address, { op: "identity", n_workers: 0 } as object as { op: string }, {
          timeoutMs: 60_000,
        });
        pingMs.push(performance.now() - startedMs);
      } catch (error) {
        wrong.push(`ping: ${(error as Error).message}`.slice(0, 500));
        await sleep(100);
      }
      await sleep(pingPauseMs);
    }
  };
  const work = Promise.all([maps(), pings()]);
  process.on("message", (message) => {
    if (message === "report") {
      process.send?.({ mapMs, pingMs, wrong } satisfies GoodClientReport);
      mapMs = [];
      pingMs = [];
      wrong = [];
    } else isOver = true;
  });
  process.send?.("ready");
  await work;
  await Promise.all([client.close(), pool.close()]);
  process.disconnect();
}

async function oneMap(client: Client, workers: readonly string[], round: number): Promise<void> {
  const numbers = Array.from({ length: mapSize }, (_, i) => i + round);
  const futures = client.map((x: number) => x * x, [numbers], { pure: false, workers });
  const values = await client.gather(futures);
  if (values.some((value, i) => value !== (i + round) ** 2)) throw new Error(`got ${values}`);
}

process.once("message", (task) => void main(task as GoodClientTask));
