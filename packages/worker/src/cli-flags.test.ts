// Every flag of `dask worker` is known by its name: followed, or refused with a reason. What the
// flags mean for workers and nannies is checked against dask's rules.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { command, type Flags } from "./cli-flags.js";
import { lifetimeMs, workersOf } from "./cli-options.js";

const dasksFlags = readFileSync(
  new URL("./fixtures/dask-worker-flags.txt", import.meta.url),
  "utf8",
)
  .split("\n")
  .filter((line) => line.startsWith("--"));

const GiB = 2 ** 30;
const here = { cores: 8, memoryBytes: 16 * GiB, name: "node1-7", validate: false, environment: {} };
const near = { address: "tcp://127.0.0.1:8786", security: undefined };

const parse = (...args: string[]): Flags =>
  command()
    .configureOutput({ writeErr: () => {}, writeOut: () => {} })
    .parse(args, { from: "user" })
    .opts<Flags>();
const workers = (...args: string[]) => workersOf(parse(...args), near, here);

it("knows every flag of dask's command", () => {
  const known = command().options.map((option) => option.long);
  expect(dasksFlags.length).toBe(35);
  expect(dasksFlags.filter((flag) => flag !== "--help" && !known.includes(flag))).toEqual([]);
});

it.each([
  ["--preload", "x.py"],
  ["--preload-nanny", "x.py"],
  ["--worker-class", "dask.Worker"],
  ["--scheduler-sni", "x"],
  ["--dashboard"],
  ["--dashboard-address", ":0"],
  ["--dashboard-prefix", "/x"],
  ["--lifetime-restart"],
])("refuses %s by name", (...args) => {
  expect(() => parse(...args)).toThrow(new RegExp(`^${args[0]} belongs to Python`));
});

it("accepts what asks for nothing, and the line that dask-jobqueue writes", () => {
  parse("--no-dashboard", "--no-lifetime-restart", "--nanny");
  const line =
    "tcp://127.0.0.1:43443 --name dummy-name --nthreads 2 --memory-limit 5.59GiB --nworkers 4 " +
    "--death-timeout 30 --local-directory /scratch/x --lifetime 55m --lifetime-stagger 4m";
  const four = workers(...line.split(" "));
  expect(four.map(({ worker }) => worker.name)).toEqual([0, 1, 2, 3].map((i) => `dummy-name-${i}`));
  expect(four[0]?.worker).toMatchObject({
    nthreads: 2,
    memoryLimitBytes: 6_002_216_796,
    deathTimeoutMs: 30_000,
    localDirectory: "/scratch/x",
    listen: ["tcp://127.0.0.1:0"],
  });
});

it("refuses unknown flags and arguments", () => {
  expect(() => parse("--nproc", "2")).toThrow(/unknown option/);
  expect(() => parse(near.address, "preload.py")).toThrow(/unexpected "preload.py"/);
});

it.each([
  ["--memory-limit", "lots"],
  ["--death-timeout", "soon"],
  ["--worker-port", "9:1"],
  ["--nanny-port", "x"],
  ["--nworkers", "0"],
  ["--nworkers", "some"],
  ["--resources", "GPU"],
  ["--listen-address", "9000"],
])("names the flag of the value in %s %s", (flag, value) => {
  expect(() => workers(flag, value)).toThrow(new RegExp(`^${flag}`));
});

it.each([
  ["--nthreads", "0"],
  ["--nthreads", "two"],
])("refuses %s %s", (...args) => {
  expect(() => parse(...args)).toThrow(/--nthreads/);
});

it("refuses what contradicts itself, as dask does", () => {
  expect(() => workers("--nworkers", "2", "--no-nanny")).toThrow(/--no-nanny/);
  expect(() => workers("--contact-address", "tcp://x:1")).toThrow(/--contact-address needs/);
  const listen = ["--listen-address", "tcp://0.0.0.0:9000"];
  expect(() => workers(...listen, "--nworkers", "2")).toThrow(/--listen-address/);
  expect(() => workers(...listen, "--host", "x")).toThrow(/--listen-address/);
});

it("shares the machine out by dask's rules", () => {
  const shape = (...args: string[]) =>
    workers(...args).map(({ worker }) => [worker.nthreads, worker.memoryLimitBytes]);
  expect(shape()).toEqual([[8, 16 * GiB]]);
  expect(shape("--nworkers", "2")).toEqual(Array(2).fill([4, 8 * GiB]));
  expect(shape("--nworkers", "-1")).toEqual(Array(8).fill([1, 2 * GiB]));
  expect(shape("--nworkers", "auto")).toEqual(Array(4).fill([2, 4 * GiB]));
  expect(shape("--nthreads", "2")).toEqual([[2, 4 * GiB]]);
  expect(shape("--memory-limit", "0")).toEqual([[8, null]]);
  expect(shape("--memory-limit", "0.5")).toEqual([[8, 8 * GiB]]);
  expect(shape("--memory-limit", "1TB")).toEqual([[8, 16 * GiB]]);
});

it("deals ranges of ports out so that nobody wants another's", () => {
  const two = workers("--nworkers", "2", "--worker-port", "3000:3003", "--nanny-port", "3003:3006");
  const at = (ports: number[]) => ports.map((port) => `tcp://127.0.0.1:${port}`);
  expect(two.map(({ worker }) => worker.listen)).toEqual([at([3000, 3002]), at([3001, 3003])]);
  expect(two.map(({ nannyListen }) => nannyListen)).toEqual([at([3004, 3006]), at([3005])]);
  expect(() => workers("--nworkers", "2", "--worker-port", "3000")).toThrow(/^--worker-port 3000/);
});

it("does not hide on 127.0.0.1 from a scheduler elsewhere", () => {
  const far = (...args: string[]) =>
    workersOf(parse(...args), { address: "tls://192.0.2.1:8786", security: undefined }, here);
  expect(far).toThrow(/another machine \(192\.0\.2\.1\).*--host or --interface/);
  expect(far("--host", "::")[0]?.worker.listen).toEqual(["tls://[::]:0"]);
  expect(far("--interface", "lo")[0]?.nannyListen).toEqual(["tls://127.0.0.1:0"]);
});

it("varies the lifetime by the stagger at most", () => {
  const flags = parse("--lifetime", "1h", "--lifetime-stagger", "5m");
  expect([0, 0.5, 1].map((random) => lifetimeMs(flags, random))).toEqual([3.3e6, 3.6e6, 3.9e6]);
  expect(lifetimeMs(parse(), 0)).toBeNull();
});

it("shares GPUs out among its workers, and announces them as a resource", () => {
  const shares = workers("--nworkers", "2", "--gpus", "3", "--resources", "MEM=5");
  expect(shares.map(({ worker: { gpus, resources } }) => [gpus, resources])).toEqual([
    [["0", "1"], { GPU: 2, MEM: 5 }],
    [["2"], { GPU: 1, MEM: 5 }],
  ]);
  const given = { ...here, environment: { CUDA_VISIBLE_DEVICES: "7" } };
  const [one] = workersOf(parse("--gpus", "1", "--resources", "GPU=0"), near, given);
  expect(one?.worker).toMatchObject({ gpus: ["7"], resources: { GPU: 0 } });
  expect(workers("--nthreads", "2")[0]?.worker.gpus).toBeUndefined();
});
