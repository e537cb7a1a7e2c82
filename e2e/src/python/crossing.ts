// Arrays that go from Node to Python and back, on two workers of each, and the bytes that crossed as
// the receiving workers count them. How large they are, and what is done with the figures, is the
// caller's business.
import { setTimeout as sleep } from "node:timers/promises";
import { Client, LocalCluster, python } from "@acme/client";
import { ask } from "../commands/processes.js";

export interface CrossingOptions {
  /** The interpreter of the Python workers. */
  readonly executable: string;
  /** Doubles in each array. */
  readonly count: number;
  /** Arrays at once. */
  readonly lanes: number;
}

/** What the workers received, in bytes, and how long it all took. */
export interface Crossed {
  readonly arrayBytes: number;
  readonly sums: readonly number[];
  readonly toPythonBytes: number;
  readonly toNodeBytes: number;
  readonly seconds: number;
}

/** A ramp that begins at `from`. */
const ramp = (count: number, from: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => from + i);

const doubled = python.source<(array: Float64Array) => Float64Array>(
  "import numpy\n\ndef doubled(array):\n    assert type(array) is numpy.ndarray\n    return 2 * array\n",
  "doubled",
);

/** What passed between two Python workers has not crossed. Each is asked by a call of its own. */
const received = python.source<(worker: string, senders: readonly string[]) => number>(
  "from distributed import get_worker\n\ndef received(worker, senders):\n" +
    "    log = get_worker().transfer_incoming_log\n" +
    "    return sum(entry['total'] for entry in log if entry['who'] in senders)\n",
  "received",
);

/** The sum, if every element is the right one; else where the first wrong one is, negative. */
function checked(array: Float64Array, from: number): number {
  let sum = 0;
  for (let i = 0; i < array.length; i++) {
    if (array[i] !== 2 * (from + i)) return -1 - i;
    sum += array[i] as number;
  }
  return sum;
}

/** Node → Python → Node, all lanes at once, on a cluster of its own. */
export async function cross({ executable, count, lanes }: CrossingOptions): Promise<Crossed> {
  const cluster = await LocalCluster.start({
    nWorkers: 2,
    threadsPerWorker: 1,
    python: { workers: 2, executable },
  });
  const client = await Client.connect(cluster);
  try {
    await client.waitForWorkers(4, { timeoutMs: 100_000 });
    const beganMs = performance.now();
    const ends = Array.from({ length: lanes }, (_, lane) => {
      const made = client.submit(ramp, [count, lane]);
      return client.submit(checked, [client.submit(doubled, [made]), lane]);
    });
    const sums = await client.gather(ends);
    const seconds = (performance.now() - beganMs) / 1_000;
    const least = lanes * count * Float64Array.BYTES_PER_ELEMENT;
    const { toNodeBytes, pythonWorkers, senders } = await receivedByNode(cluster, least);
    let toPythonBytes = 0;
    for (const worker of pythonWorkers) {
      toPythonBytes += await client
        .submit(received, [worker, senders], { workers: [worker] })
        .result();
    }
    return { arrayBytes: count * 8, sums, toPythonBytes, toNodeBytes, seconds };
  } finally {
    await client.close();
    await cluster.close();
  }
}

interface Seen {
  readonly toNodeBytes: number;
  readonly pythonWorkers: readonly string[];
  /** Our workers. */
  readonly senders: readonly string[];
}

type Fields = ReadonlyMap<string, unknown>;

/** What our workers say in their heartbeats, once it is as much as it must be. */
async function receivedByNode(cluster: LocalCluster, leastBytes: number): Promise<Seen> {
  for (let tries = 0; ; tries++) {
    const request = { op: "identity", n_workers: -1 };
    const identity = await ask<Fields>(cluster.schedulerAddress, request, cluster.security);
    let toNodeBytes = 0;
    const pythonWorkers: string[] = [];
    const senders: string[] = [];
    for (const [address, worker] of identity.get("workers") as Map<string, Fields>) {
      if (worker.get("lang") !== "js") pythonWorkers.push(address);
      else {
        senders.push(address);
        const transfer = (worker.get("metrics") as Fields).get("transfer") as Fields;
        toNodeBytes += Number(transfer.get("incoming_bytes_total"));
      }
    }
    if (toNodeBytes >= leastBytes || tries === 50) {
      return { toNodeBytes, pythonWorkers, senders };
    }
    await sleep(100);
  }
}
