// The ways that bytes take: from the client to a worker and back, through the scheduler or not, and
// from worker to worker. Each is timed alone, one value after another, every value a new one.
import { Client, type Future, LocalCluster } from "@acme/client";
import { childrenOf, cpuTimeUs } from "../path/cpu-time.js";

export interface WaysOptions {
  readonly sizesMiB: readonly number[];
  readonly repetitions: number;
  /** Only the ways whose name contains this. */
  readonly only: string;
  readonly encrypted: boolean;
}

export interface Figure {
  readonly way: string;
  readonly sizeMiB: number;
  readonly megabytesPerS: readonly number[];
  readonly cpuMsPerMegabyte: number;
}

interface Place {
  readonly client: Client;
  /** A client whose values go through the scheduler. */
  readonly relayed: Client;
  readonly workers: readonly string[];
  readonly bytes: number;
}

/** Moves one value and says how long that took, in milliseconds. */
type Way = (place: Place, run: number) => Promise<number>;
type ClientPlace = Omit<Place, "relayed">;

const ways: Record<string, Way> = {
  "scatter via scheduler": ({ relayed, ...place }) => scatter({ ...place, client: relayed }),
  "scatter direct": scatter,
  "gather via scheduler": ({ relayed, ...place }, run) =>
    gather({ ...place, client: relayed }, run),
  "gather direct": gather,
  "worker to worker": workerToWorker,
};

/** One figure per way and size. */
export async function* measureWays(options: WaysOptions): AsyncGenerator<Figure> {
  await using cluster = await LocalCluster.start({
    nWorkers: 2,
    threadsPerWorker: 1,
    security: options.encrypted,
    logLevel: "error",
  });
  const client = await Client.connect(cluster);
  const relayed = await Client.connect(cluster, { directToWorkers: false });
  try {
    await client.waitForWorkers(2);
    const workers = Object.keys((await client.schedulerInfo()).workers);
    for (const sizeMiB of options.sizesMiB) {
      const place = { client, relayed, workers, bytes: sizeMiB * 2 ** 20 };
      for (const [way, move] of Object.entries(ways)) {
        if (!way.includes(options.only)) continue;
        yield { way, sizeMiB, ...(await timed(move, place, options.repetitions)) };
      }
    }
  } finally {
    await Promise.all([client.close(), relayed.close()]);
  }
}

async function timed(move: Way, place: Place, repetitions: number) {
  await move(place, -1);
  const pids = [process.pid, ...childrenOf(process.pid)];
  const cpu = () => pids.reduce((sum, pid) => sum + cpuTimeUs(pid), 0);
  const before = cpu();
  const megabytes = place.bytes / 1e6;
  const megabytesPerS: number[] = [];
  for (let run = 0; run < repetitions; run++) {
    megabytesPerS.push(megabytes / ((await move(place, run)) / 1000));
  }
  return { megabytesPerS, cpuMsPerMegabyte: (cpu() - before) / 1000 / megabytes / repetitions };
}

async function scatter({ client, workers, bytes }: ClientPlace): Promise<number> {
  const data = new Uint8Array(bytes).fill(7);
  const [worker] = workers as [string];
  const startMs = performance.now();
  const future = await client.scatter(data, { workers: [worker] });
  const ms = performance.now() - startMs;
  await released(future);
  return ms;
}

async function gather({ client, bytes }: ClientPlace, run: number): Promise<number> {
  const future = client.submit(make, [bytes, run], { pure: false });
  await future.wait();
  const startMs = performance.now();
  const value = await client.gather(future);
  const ms = performance.now() - startMs;
  if (value.byteLength !== bytes || value[bytes - 1] !== run + 1) throw new Error("wrong value");
  await released(future);
  return ms;
}

/** The transfer and the decoding for the task that reads the value. */
async function workerToWorker({ client, workers, bytes }: Place, run: number): Promise<number> {
  const [from, to] = workers as [string, string];
  const made = client.submit(make, [bytes, run], { pure: false, workers: [from] });
  await made.wait();
  const startMs = performance.now();
  const read = client.submit(lastOf, [made], { pure: false, workers: [to] });
  if ((await read.result()) !== run + 1) throw new Error("wrong value");
  const ms = performance.now() - startMs;
  await released(read);
  await released(made);
  return ms;
}

const make = (bytes: number, run: number): Uint8Array => new Uint8Array(bytes).fill(run + 1);
const lastOf = (data: Uint8Array): number | undefined => data.at(-1);

/** The next value finds the memory free. */
async function released(future: Future): Promise<void> {
  future.release();
  await new Promise((resolve) => setTimeout(resolve, 20));
}
