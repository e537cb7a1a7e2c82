// Which state may follow which: dask's table. Any other pair goes through `released`.
// What happens on each edge is for the functions named after their goal, such as to-memory.ts.
import type { TaskStateName } from "../task.js";

export const stateNames = [
  "released",
  "waiting",
  "no-worker",
  "queued",
  "processing",
  "memory",
  "erred",
  "forgotten",
] as const satisfies readonly TaskStateName[];

/** Edges of the task machine. */
export const transitionTable: Readonly<Record<TaskStateName, readonly TaskStateName[]>> = {
  released: ["waiting", "erred", "forgotten"],
  waiting: ["released", "processing", "no-worker", "queued", "memory"],
  "no-worker": ["released", "processing", "erred"],
  queued: ["released", "processing", "erred"],
  processing: ["released", "memory", "erred"],
  memory: ["released", "forgotten", "erred"],
  erred: ["released"],
  forgotten: [],
};

const codes = Object.fromEntries(stateNames.map((name, code) => [name, code])) as Readonly<
  Record<TaskStateName, number>
>;
const allowed: boolean[] = [];
for (const from of stateNames) {
  for (const to of stateNames) allowed[edge(from, to)] = transitionTable[from].includes(to);
}

export function codeOf(name: TaskStateName): number {
  return codes[name];
}

/** Number of an edge, for counting. */
export function edge(from: TaskStateName, to: TaskStateName): number {
  return codeOf(from) * 8 + codeOf(to);
}

/** Whether a number made by {@link edge} stands for an edge of the table. */
export const isEdge = (number: number): boolean => allowed[number] === true;
