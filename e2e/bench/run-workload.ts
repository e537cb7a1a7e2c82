// Runs one workload: every system in turn, then every system again, until there are enough
// repetitions that nobody disturbed. How figures are compared is not known here.
import { Commands } from "./commands.js";
import { Repetition } from "./repetition.js";
import type { Site } from "./site.js";
import { type Spread, spreadOf } from "./statistics.js";
import type { Sample, Scheme, SystemName, Workload } from "./workload.js";

const allSystems: readonly SystemName[] = ["acme", "dask", "dask-inf"];

/** Above this share of the machine, what others did is part of the figure. */
const foreignShareLimit = 0.2;
/** How many repetitions are tried for each that is wanted, before disturbed ones are taken. */
const triesPerRepetition = 2;

export interface RunOptions {
  readonly site: Site;
  readonly quick: boolean;
  readonly repetitions: number;
}

export type Spreads = Readonly<Partial<Record<SystemName, Spread>>>;

export interface Result {
  readonly workload: string;
  readonly scheme: Scheme;
  /** By figure, then by system. */
  readonly figures: Readonly<Record<string, Spreads>>;
  /** Repetitions whose figures count, and those that others disturbed; by system. */
  readonly counts: Readonly<Partial<Record<SystemName, Counts>>>;
  readonly failures: readonly string[];
}

export interface Counts {
  readonly clean: number;
  readonly disturbed: number;
  /** Too few were clean, so that disturbed ones are among the figures. */
  readonly usesDisturbed: boolean;
}

interface Taken {
  readonly sample: Sample;
  readonly foreignShare: number;
}

/** Prints a line per repetition. */
export async function runWorkload(
  workload: Workload,
  scheme: Scheme,
  options: RunOptions,
): Promise<Result> {
  const systems = workload.systems ?? allSystems;
  const taken = new Map<SystemName, Taken[]>(systems.map((system) => [system, []]));
  const failures: string[] = [];
  for (let round = 0; round < options.repetitions * triesPerRepetition; round++) {
    const open = systems.filter((system) => isOpen(taken.get(system)!, round, options));
    if (open.length === 0) break;
    for (const system of open) {
      try {
        taken.get(system)!.push(await runOnce(workload, scheme, { ...options, system }));
      } catch (error) {
        failures.push(`${system}: ${inShort(error as Error)}`);
        process.stdout.write(`  FAILED ${failures.at(-1)}\n`);
      }
    }
  }
  const summary = summaryOf(workload, taken, options.repetitions);
  return { workload: workload.name, scheme, failures, ...summary };
}

/** The first line says who failed, the last ones of what it said why. */
function inShort({ message }: Error): string {
  const [what, ...said] = message.split("\n").filter((line) => line.trim() !== "");
  return [what, ...said.slice(-3)].join(" | ");
}

/** A quick run does not wait for silence. */
function isOpen(taken: readonly Taken[], round: number, options: RunOptions): boolean {
  if (round < options.repetitions) return true;
  return !options.quick && taken.filter(isClean).length < options.repetitions;
}

const isClean = ({ foreignShare }: Taken): boolean => foreignShare <= foreignShareLimit;

async function runOnce(
  workload: Workload,
  scheme: Scheme,
  { site, quick, system }: RunOptions & { readonly system: SystemName },
): Promise<Taken> {
  const commands = new Commands(site, system, scheme);
  await using repetition = new Repetition({ site, system, commands, quick });
  const sample = await workload.run(repetition);
  const { foreignShare } = repetition;
  const [first] = workload.figures;
  const figure = `${first!.name} ${sample[first!.name]?.toPrecision(4)} ${first!.unit}`;
  const others = `others used ${Math.round(foreignShare * 100)} % of the machine`;
  process.stdout.write(`  ${scheme} ${system.padEnd(8)} ${figure.padEnd(36)} ${others}\n`);
  return { sample, foreignShare };
}

function summaryOf(
  workload: Workload,
  taken: ReadonlyMap<SystemName, readonly Taken[]>,
  wanted: number,
): Pick<Result, "figures" | "counts"> {
  const figures: Record<string, Partial<Record<SystemName, Spread>>> = {};
  const counts: Partial<Record<SystemName, Counts>> = {};
  for (const [system, all] of taken) {
    const clean = all.filter(isClean);
    const usesDisturbed = clean.length < wanted;
    counts[system] = { clean: clean.length, disturbed: all.length - clean.length, usesDisturbed };
    const used = usesDisturbed ? all : clean;
    for (const { name } of workload.figures) {
      const values = used.flatMap(({ sample }) => sample[name] ?? []);
      if (values.length === 0) continue;
      figures[name] ??= {};
      figures[name][system] = spreadOf(values);
    }
  }
  return { figures, counts };
}
