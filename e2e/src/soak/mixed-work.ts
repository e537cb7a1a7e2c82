// The kinds of work that the mixed soak repeats. Each round checks its own results: right, wrong,
// or lost where a killed worker may take what nobody can compute again.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, type Delayed, delayed, ParallelMap } from "@acme/client";

export interface Round {
  readonly name: string;
  run(client: Client, schedulerFile: string): Promise<"right" | "wrong" | "lost">;
}

const verdict = (isRight: boolean) => (isRight ? "right" : "wrong");
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

/** Their futures are left to be forgotten. */
const map: Round = {
  name: "maps",
  async run(client) {
    const futures = client.map((x: number) => x * x, [upTo(2_000)], { pure: false });
    const values = await client.gather(futures);
    return verdict(values.every((value, i) => value === i * i));
  },
};

const largeMap: Round = {
  name: "maps of 1 MB values",
  async run(client) {
    const ramp = (from: number) => Float64Array.from({ length: 125_000 }, (_, i) => from + i);
    const futures = client.map(ramp, [upTo(20)], { pure: false });
    const values = await client.gather(futures);
    for (const future of futures) future.release();
    return verdict(values.every((value, i) => value[0] === i && value.at(-1) === i + 124_999));
  },
};

const chain: Round = {
  name: "chains",
  async run(client) {
    let last = client.submit((x: number) => x + 1, [0], { pure: false });
    for (let step = 1; step < 50; step++) {
      last = client.submit((x: number) => x + 1, [last as never], { pure: false });
    }
    return verdict((await last.result()) === 50);
  },
};

const failure: Round = {
  name: "failures",
  async run(client) {
    const picky = (x: number): number => {
      if (x % 2 === 1) throw new RangeError(`${x} is odd`);
      return x;
    };
    const futures = client.map(picky, [upTo(50)], { pure: false });
    const ends = await Promise.allSettled(futures.map((future) => future.result()));
    const isRight = (end: PromiseSettledResult<number>, x: number) =>
      end.status === "fulfilled"
        ? x % 2 === 0 && end.value === x
        : end.reason.message.includes(`${x} is odd`);
    return verdict(ends.every(isRight));
  },
};

/** Half of the tasks are released before they have run. */
const release: Round = {
  name: "releases",
  async run(client) {
    const nap = async (x: number): Promise<number> => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return x;
    };
    const futures = client.map(nap, [upTo(100)], { pure: false });
    const kept = futures.filter((_, i) => i % 2 === 0);
    for (const [i, future] of futures.entries()) if (i % 2 === 1) future.release();
    const values = await client.gather(kept);
    for (const future of kept) future.release();
    return verdict(values.every((value, i) => value === 2 * i));
  },
};

/** A client of its own that goes while some of its tasks are still to run. */
const visitor: Round = {
  name: "visiting clients",
  async run(_, schedulerFile) {
    await using client = await Client.connect({ schedulerFile });
    const futures = client.map((x: number) => x + 1, [upTo(100)], { pure: false });
    const values = await client.gather(futures);
    client.map((x: number) => x - 1, [upTo(100)], { pure: false });
    return verdict(values.every((value, i) => value === i + 1));
  },
};

const add = delayed((a: number, b: number): number => a + b);

const tree: Round = {
  name: "trees",
  async run(client) {
    let level: (number | Delayed<number>)[] = upTo(64);
    while (level.length > 1) {
      const below = level;
      level = upTo(below.length / 2).map((i) =>
        add(below[2 * i] as number, below[2 * i + 1] as number),
      );
    }
    const total = await client.compute(level[0] as Delayed<number>).result();
    return verdict(total === (63 * 64) / 2);
  },
};

const scatter: Round = {
  name: "scatter",
  async run(client) {
    const table = Float64Array.from(upTo(100_000));
    const [future] = await client.scatter([table]);
    try {
      const sum = (values: Float64Array, from: number) => (values[from] ?? 0) + values.length;
      const futures = client.map(sum, [upTo(20).map(() => future as never), upTo(20)], {
        pure: false,
      });
      const values = await client.gather(futures);
      return verdict(values.every((value, i) => value === i + 100_000));
    } catch (error) {
      // What was scattered to a worker that is killed cannot be computed again.
      if (["CancelledError", "LostDataError"].includes((error as Error).name)) return "lost";
      throw error;
    }
  },
};

const cancel: Round = {
  name: "cancels",
  async run(client) {
    const nap = async (ms: number): Promise<number> => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return ms;
    };
    const futures = client.map(nap, [upTo(20).map(() => 60_000)], { pure: false });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await client.cancel(futures);
    const ends = await Promise.allSettled(futures.map((future) => future.result()));
    return verdict(
      ends.every((end) => end.status === "rejected" && end.reason.name === "CancelledError"),
    );
  },
};

const files: Round = {
  name: "ParallelMap to files",
  async run(client) {
    const folder = mkdtempSync(join(tmpdir(), "acme-mixed-"));
    try {
      const ramp = (start: number) => Float64Array.from([start, start + 1, start + 2]);
      const parallelMap = new ParallelMap(ramp, upTo(8));
      const outputDir = join(folder, "out");
      const options = { client, outputDir, resultShape: [null, 3], progress: false } as const;
      return verdict(await holdRamps(await parallelMap.compute(options)));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Through a reader that is not ours. */
async function holdRamps(paths: readonly string[]): Promise<boolean> {
  const { ready, File } = await import("h5wasm/node");
  await ready;
  return paths.every((path, start) => {
    const file = new File(path, "r");
    const { value } = file.get("result_0") as unknown as { value: Float64Array };
    file.close();
    return value.join() === `${start},${start + 1},${start + 2}`;
  });
}

export const rounds: readonly Round[] = [
  map,
  largeMap,
  chain,
  tree,
  scatter,
  failure,
  cancel,
  release,
  visitor,
  files,
];
