// The scheduler numbers its edges (from × 8 + to, in the order of its table); this names them.
// Knows nothing of runs: how often an edge was taken is counted in coverage.ts.
import { transitionTable } from "@acme/scheduler/core";

const names = Object.keys(transitionTable);

export const edgeName = (number: number): string =>
  `${names[Math.floor(number / 8)]}>${names[number % 8]}`;
