// The rules of ACME for what a map does, one test each, on a real cluster; those that are pure are
// tests of the package. docs/from-acme.md names them.
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import {
  Client,
  currentClient,
  getTaskContext,
  LocalCluster,
  ParallelMap,
  range,
  registerClusterProvider,
  shared,
  tuple,
} from "@acme/client";
import * as h5wasm from "h5wasm/node";
import { beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { CuttableProxy } from "../client/fixtures/cuttable-proxy.js";
import { mapSite, removeFolder, temporaryFolder } from "./fixtures/map-site.js";

const site = mapSite();
const { here } = site;
beforeAll(async () => void (await h5wasm.ready));

/** Values and shapes of all datasets of a file or container, by a reader that is not ours. */
function datasets(path: string): Record<string, unknown> {
  const file = new h5wasm.File(path, "r");
  try {
    const found: Record<string, unknown> = {};
    const visit = (group: h5wasm.Group, at: string) => {
      for (const name of group.keys()) {
        const entity = group.get(name);
        if (entity instanceof h5wasm.Group) visit(entity, `${at}${name}/`);
        else if (entity instanceof h5wasm.Dataset) {
          found[at + name] = [entity.shape, Array.from(entity.value as Float64Array, Number)];
        }
      }
    };
    visit(file, "");
    return found;
  } finally {
    file.close();
  }
}

/** This process is in a folder of its own until the test ends. */
function inNewFolder(): string {
  const folder = temporaryFolder();
  const before = process.cwd();
  process.chdir(folder);
  onTestFinished(() => process.chdir(before));
  return folder;
}

/** What is printed on standard error while something runs. */
async function printed(run: () => Promise<unknown>): Promise<string> {
  let text = "";
  const write = vi.spyOn(process.stderr, "write").mockImplementation((piece) => {
    text += String(piece);
    return true;
  });
  try {
    await run();
  } finally {
    write.mockRestore();
  }
  return text;
}

const double = (x: number) => 2 * x;

test("a map that is only made leaves no folder, and starts no cluster", () => {
  const folder = inNewFolder();
  const pmap = new ParallelMap(double, [1, 2]);
  expect([pmap.nInputs, pmap.resultsContainer]).toEqual([2, undefined]);
  expect(readdirSync(folder)).toEqual([]);
  expect(currentClient()).toBeUndefined();
});

const rows = (x: number) => Float64Array.of(x, -x);
const several = (x: number) => tuple(x, Float64Array.of(x, x));

test.for([
  ["files", {}],
  ["files", { resultShape: [null, 2] }],
  ["single", {}],
  ["single", { resultShape: [2, null] }],
  ["serialized", {}],
  ["memory", {}],
  ["memory", { resultShape: [null, 2] }],
  ["none", {}],
] as const)("debug gives what a cluster gives: %s %j", async ([output, rules]) => {
  const folder = temporaryFolder();
  const isShaped = "resultShape" in rules;
  const f = isShaped ? rows : several;
  const results = [];
  for (const debug of [true, false]) {
    const outputDir = join(folder, String(debug));
    const place = output === "memory" ? {} : { outputDir };
    const pmap = new ParallelMap(f as (x: number) => unknown, [1, 2, 3]);
    const given = await pmap.compute({ ...here(), ...place, ...rules, output, debug });
    const text = JSON.stringify(given)?.replaceAll(outputDir, "");
    const container = pmap.resultsContainer;
    const inside = container === undefined ? {} : datasets(container);
    const names = existsSync(outputDir) ? readdirSync(outputDir, { recursive: true }) : [];
    results.push({ text, inside, names: names.map(String).filter((n) => !n.startsWith(".")) });
  }
  const [local, remote] = results;
  expect({ ...local, names: local?.names.sort() }).toEqual({
    ...remote,
    names: remote?.names.sort(),
  });
});

test("several results in memory are lists, or beside the array of the first", async () => {
  const pmap = new ParallelMap(several, [1, 2]);
  const plain = await pmap.compute({ ...here(), output: "memory" });
  expect(plain).toEqual([tuple(1, Float64Array.of(1, 1)), tuple(2, Float64Array.of(2, 2))]);
  const stacked = await pmap.compute({ ...here(), output: "memory", resultShape: [null] });
  expect([...(stacked.data as Float64Array)]).toEqual([1, 2]);
  expect(stacked.others?.map((others) => others?.length)).toEqual([1, 1]);
});

test("an output folder may begin with ~, and is made absolute", async () => {
  const name = `.acme-test-${process.pid}`;
  onTestFinished(() => removeFolder(join(homedir(), name)));
  const paths = await new ParallelMap(double, [1]).compute({ ...here(), outputDir: `~/${name}` });
  expect(paths).toEqual([join(homedir(), name, "double_payload", "double_0.h5")]);
  const folder = inNewFolder();
  const [path] = await new ParallelMap(double, [1]).compute({ ...here(), outputDir: "below" });
  expect(path).toBe(join(folder, "below", "double_payload", "double_0.h5"));
});

test("a function that is an argument goes to every call as a function", async () => {
  const apply = (x: number, f: (x: number) => number) => f(x);
  const pmap = new ParallelMap(apply as (x: number, f: unknown) => number, [1, 2], double);
  expect(await pmap.compute({ ...here(), output: "memory" })).toEqual([2, 4]);
});

test("what is started for a map is as it was asked for, and what was found stays", async () => {
  const options = {
    output: "memory",
    progress: false,
    nWorkers: 3,
    memPerWorker: "700 MB",
  } as const;
  const pids = () => ParallelMap.times(30, () => process.pid);
  await pids().compute({ ...options, stopClient: false });
  const kept = currentClient() as Client;
  try {
    await kept.waitForWorkers(3);
    const { workers } = await kept.schedulerInfo();
    const limits = Object.values(workers).map((worker) => worker.memory_limit);
    expect(limits.map(Number)).toEqual([700_000_000, 700_000_000, 700_000_000]);
    const text = await printed(() => pids().compute({ output: "memory", nWorkers: 7 }));
    expect(text).toContain("calls of anonymous on the current client");
    expect(text).toContain("ignored, since the current client has its workers already: nWorkers");
    expect(kept.isOpen).toBe(true);
  } finally {
    await kept.close();
  }
});

test("a cluster whose workers do not come in time is given up, and nothing stays", async () => {
  const folder = inNewFolder();
  const clusters: LocalCluster[] = [];
  registerClusterProvider({
    name: "empty",
    isAvailable: () => clusters.length === 0,
    start: async () => {
      const cluster = await LocalCluster.start({ nWorkers: 0, logLevel: "silent" });
      clusters.push(cluster);
      return cluster;
    },
  });
  const startMs = performance.now();
  const waiting = new ParallelMap(double, [1]).compute({ progress: false, setupTimeout: 1 });
  await expect(waiting).rejects.toMatchObject({ code: "TIMEOUT" });
  expect(performance.now() - startMs).toBeGreaterThan(900);
  await expect(clusters[0]?.scale(1)).rejects.toThrow("closed");
  expect(readdirSync(folder)).toEqual([]);
});

test("calls wait for the first worker of a client that has none, and that is said", async () => {
  await using none = await LocalCluster.start({ nWorkers: 0, logLevel: "silent" });
  await using client = await Client.connect(none);
  let values: number[] = [];
  const text = await printed(async () => {
    const computing = new ParallelMap(double, [1, 2]).compute({ client, output: "memory" });
    await expect
      .poll(() => vi.mocked(process.stderr.write).mock.calls.join(""), { timeout: 10_000 })
      .toMatch("no worker");
    await none.scale(1);
    values = await computing;
  });
  expect(values).toEqual([2, 4]);
  expect(text).toContain("there is no worker yet: the calls wait for the first one");
});

test("old run folders are removed when that is asked for, where no folder is given", async () => {
  const folder = inNewFolder();
  const old = ["ACME_20200101-000000-000000", "ACME_20200102-000000-000000", "ACME_thesis"];
  for (const name of old) mkdirSync(join(folder, name));
  const options = { ...here(), cleanupThresholdDays: 0 };
  await new ParallelMap(double, [1]).compute({ ...options, outputDir: "mine" });
  expect(readdirSync(folder).sort()).toEqual([...old, "mine"].sort());
  const told = await printed(() => {
    return new ParallelMap(double, [1]).compute({ ...options, progress: true });
  });
  expect(told).toContain("2 run folders older than 0 days removed");
  const names = readdirSync(folder).filter((name) => name !== "mine" && name !== "ACME_thesis");
  expect(names).toHaveLength(1);
});

test("many run folders in one place are worth a word", async () => {
  const folder = inNewFolder();
  for (const i of range(10, 31)) mkdirSync(join(folder, `ACME_202001${i}-000000-000000`));
  const told = await printed(() => {
    return new ParallelMap(double, [1]).compute({ client: site.client, logfile: false });
  });
  expect(told).toContain("21 run folders ACME_… are here: cleanupThresholdDays, or cleanup()");
});

test("what all calls share is sent once for a whole run", async () => {
  const proxy = await CuttableProxy.start(site.cluster.schedulerAddress);
  onTestFinished(() => proxy.close());
  const { security } = site.cluster;
  await using client = await Client.connect(proxy.address, { security });
  const noise = Uint8Array.from(range(2 ** 20), (i) => (i * 2_654_435_761) >>> 13);
  const sum = (x: number, all: Uint8Array) => x + all.length;
  // In forty lots, and each call fails once.
  const flaky = (x: number, all: Uint8Array) => {
    if (getTaskContext().attempt === 1 && x % 20 === 0) throw new Error("again");
    return sum(x, all);
  };
  const pmap = new ParallelMap(flaky, range(400), shared(noise));
  const options = { client, progress: false, output: "memory", maxInFlight: 40 } as const;
  const values = await pmap.compute({ ...options, retries: { max: 1, backoffMs: 1 } });
  expect(values).toEqual(range(400).map((x) => x + 2 ** 20));
  expect(proxy.sentBytes).toBeGreaterThan(2 ** 20);
  expect(proxy.sentBytes).toBeLessThan(1.5 * 2 ** 20);
});

test("arguments of all calls that are very large are worth a word", async () => {
  const told: string[] = [];
  const { security, schedulerAddress } = site.cluster;
  const onLog = ({ event, message }: { event: string; message: string }) =>
    void told.push(`${event}: ${message}`);
  await using client = await Client.connect(schedulerAddress, { security, onLog });
  const size = (x: number, all: Uint8Array) => x + all.length;
  const large = new ParallelMap(size, [1], shared(new Uint8Array(51_000_000)));
  const options = { client, progress: false, output: "memory" } as const;
  expect(await large.compute(options)).toEqual([51_000_001]);
  expect(told.join()).toMatch(/^large-shared: what all calls share takes 51 MB/);
});

const chatty = (x: number) => {
  console.log("working on", x);
  return x;
};

test.each([
  [undefined, { names: true, bar: true, calls: false }],
  [true, { names: true, bar: true, calls: true }],
  [false, { names: false, bar: false, calls: false }],
])("verbose %j prints what it should", async (verbose, shown) => {
  const options = { client: site.client, output: "memory", verbose } as const;
  const text = await printed(() => new ParallelMap(chatty, [7]).compute(options));
  expect({
    names: text.includes("acme: 1 calls of chatty on the given client"),
    bar: text.includes("1/1 ["),
    calls: text.includes("[chatty 0] working on 7\n"),
  }).toEqual(shown);
});

test("a function is told its number without an argument for it, and saves by itself", async () => {
  const folder = temporaryFolder();
  const saves = async (x: number, to: string) => {
    const { writeFile } = await import("node:fs/promises");
    await writeFile(`${to}/${getTaskContext().taskId}`, String(x));
  };
  const pmap = new ParallelMap(saves, [5, 6], folder);
  expect(await pmap.compute({ ...here(), output: "none" })).toBeUndefined();
  expect(readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"))).toEqual([
    "5",
    "6",
  ]);
});
