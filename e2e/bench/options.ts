// The command line of the benchmark: which workloads, how often, over which connections.
// Runs none of them.
import { parseArgs } from "node:util";
import type { Scheme, Workload } from "./workload.js";

export interface Options {
  readonly workloads: readonly Workload[];
  readonly quick: boolean;
  readonly repetitions: number;
  readonly schemes: readonly Scheme[];
}

const fullRepetitions = 5;

/** @throws Error that says what is wrong with an argument */
export function parseOptions(args: readonly string[], all: readonly Workload[]): Options {
  const { values, positionals } = parseArgs({
    args: args.filter((each) => each !== "--"),
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      reps: { type: "string" },
      scheme: { type: "string" },
    },
  });
  const { quick, reps, scheme } = values;
  const unknown = positionals.filter((name) => !all.some((each) => each.name === name));
  if (unknown.length > 0) {
    const names = all.map(({ name }) => name).join(", ");
    throw new Error(`no workload is called ${unknown.join(", ")}; there are ${names}`);
  }
  if (scheme !== undefined && !isScheme(scheme)) {
    throw new Error(`--scheme is tcp or tls, not ${scheme}`);
  }
  const repetitions = reps === undefined ? (quick ? 1 : fullRepetitions) : Number(reps);
  if (!Number.isInteger(repetitions) || repetitions < 1) {
    throw new Error(`--reps is a whole number above 0, not ${reps}`);
  }
  const named = all.filter(({ name }) => positionals.includes(name));
  const workloads = named.length > 0 ? named : all.filter(({ slow }) => !quick || !slow);
  const schemes = scheme !== undefined ? [scheme] : quick ? bothSchemes.slice(0, 1) : bothSchemes;
  return { workloads, quick, repetitions, schemes };
}

const bothSchemes: readonly Scheme[] = ["tcp", "tls"];

const isScheme = (text: string): text is Scheme => text === "tcp" || text === "tls";
