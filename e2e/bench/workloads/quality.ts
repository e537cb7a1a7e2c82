// How much of four slots' time goes into the tasks, whose lengths are known.
// How processes are started and measured is not known here.
import type { Repetition } from "../repetition.js";
import { type Sample, value, type Workload } from "../workload.js";

const workers = 4;

interface Case {
  readonly kind: string;
  readonly measures: string;
  readonly must: number;
  readonly moonshot: number;
}

const cases: readonly Case[] = [
  { kind: "even", measures: "200 tasks of 50 ms", must: 0.95, moonshot: 0.985 },
  {
    kind: "skew",
    measures: "180 tasks of 20 ms and 20 of 400 ms, shuffled",
    must: 0.94,
    moonshot: 0.97,
  },
  {
    kind: "locality",
    measures: "200 tasks of 50 ms that all need one megabyte, which one worker holds",
    must: 0.94,
    moonshot: 0.98,
  },
];

async function run(repetition: Repetition, kind: string): Promise<Sample> {
  const { figures } = await repetition.runProgram("quality", workers, { kind });
  return { efficiency: figures.efficiency!, seconds: figures.seconds! };
}

export const quality: readonly Workload[] = cases.map(({ kind, measures, must, moonshot }) => ({
  name: `quality-${kind}`,
  measures: `share of the time of 4 slots that is used: ${measures}`,
  figures: [
    {
      name: "efficiency",
      unit: "of ideal",
      better: "more",
      must: [value(must)],
      moonshot: [value(moonshot)],
    },
    { name: "seconds", unit: "s", better: "less" },
  ],
  bound: "the first tasks of new processes; without any overhead skew would reach 0.948",
  next: "let an executor run a sample before its first task, as the client packs one",
  run: (repetition) => run(repetition, kind),
}));
