// The command of these measurements: main.js [name…] [--repeat=N] [--scheduler=ARGUMENT]
// [--worker=ARGUMENT] [--node=OPTION]. Prints a line per run: the figure, and the processor time
// per task of each process. A cluster of its own for each repetition, so that all start cold.
import { costPerTask, Processes } from "./processes.js";
import { even, locality, type Quality, skew, workerLoss } from "./quality.js";
import { chain, latency, map, type Run, shuffle, tree, type Workload } from "./workloads.js";

const words = process.argv.slice(2);
const names = words.filter((word) => !word.startsWith("--"));
const flag = (name: string): string[] =>
  words.filter((word) => word.startsWith(`--${name}=`)).map((word) => word.slice(name.length + 3));
const repetitions = Number(flag("repeat")[0] ?? 3);
const isWanted = (name: string) => names.length === 0 || names.includes(name);
const options = {
  schedulerArguments: flag("scheduler"),
  workerArguments: flag("worker"),
  nodeOptions: flag("node"),
  // A nanny would start its workers without the options of node.
  nanny: flag("node").length === 0,
};

const graphs: Record<string, Workload> = {
  "map-1e3": map(1e3),
  "map-1e4": map(1e4),
  "map-1e5": map(1e5),
  chain: chain(2_000),
  tree: tree(5_000),
  shuffle: shuffle(100),
};

for (let repetition = 0; repetition < repetitions; repetition++) {
  for (const [name, workload] of Object.entries(graphs)) {
    if (!isWanted(name)) continue;
    await using processes = await Processes.start({ workers: 2, nthreads: 1, ...options });
    await runGraph(processes, `${name} cold`, workload);
    await runGraph(processes, `${name} warm`, workload);
  }
  for (const pauseMs of [0, 20]) {
    const name = pauseMs === 0 ? "latency" : "latency-pause";
    if (isWanted(name)) await runLatency(name, pauseMs);
  }
  await runQuality();
}

async function runGraph(processes: Processes, name: string, workload: Workload): Promise<void> {
  const before = processes.cost;
  const run: Run = await workload(processes.client);
  const cost = costPerTask(before, processes.cost, run.tasks);
  await run.release();
  const perSecond = Math.round(run.tasks / run.seconds);
  const each = (1e6 * run.seconds) / run.tasks;
  print(name, `${perSecond} tasks/s, ${each.toFixed(1)} us each; cpu us/task: ${inWords(cost)}`);
}

async function runLatency(name: string, pauseMs: number): Promise<void> {
  await using processes = await Processes.start({ workers: 2, nthreads: 1, ...options });
  const calls = pauseMs === 0 ? 1_000 : 300;
  const before = processes.cost;
  const { p50, p95, p99, min } = await latency(processes.client, { calls, pauseMs });
  const cost = costPerTask(before, processes.cost, calls);
  const ms = [p50, p95, p99, min].map((figure) => figure.toFixed(2));
  print(name, `p50 ${ms[0]} p95 ${ms[1]} p99 ${ms[2]} min ${ms[3]} ms; cpu us: ${inWords(cost)}`);
}

async function runQuality(): Promise<void> {
  const slots = 4;
  for (const [name, measure] of Object.entries({ even, skew, locality })) {
    if (!isWanted(name)) continue;
    await using processes = await Processes.start({ workers: slots, nthreads: 1, ...options });
    print(name, qualityInWords(await measure(processes.client, slots)));
  }
  if (!isWanted("loss")) return;
  const shape = { workers: slots, nthreads: 1, nanny: false };
  await using processes = await Processes.start({ ...shape, ...options });
  const kill = () => process.kill(processes.workerPids[0] as number, "SIGKILL");
  print("loss", qualityInWords(await workerLoss(processes.client, { slots, kill })));
}

function qualityInWords({ seconds, idealSeconds, efficiency }: Quality): string {
  return `${seconds.toFixed(3)} s, ideal ${idealSeconds.toFixed(3)} s: ${efficiency.toFixed(3)}`;
}

function inWords(cost: object): string {
  return Object.entries(cost)
    .map(([name, us]) => `${name} ${Math.round(us as number)}`)
    .join(", ");
}

function print(name: string, text: string): void {
  process.stdout.write(`${name.padEnd(16)} ${text}\n`);
}
