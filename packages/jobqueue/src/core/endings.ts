// What is said of jobs that ended in one step: two hundred that end in the same way are one line.
// Why they ended, and what follows, is told apart elsewhere.
import type { Turn } from "./step.js";

/** So many jobs with one ending have a line each. */
const linesEach = 3;

/** Jobs that ended in the same way. */
export interface Ending {
  readonly level: "info" | "warn";
  readonly names: string[];
}

export function noteEnd(turn: Turn, name: string, ending: string, level: Ending["level"]): void {
  const same = turn.endings.get(ending);
  if (same === undefined) turn.endings.set(ending, { level, names: [name] });
  else same.names.push(name);
}

/** Before what was concluded from it. */
export function sayEnds({ endings, out }: Turn): void {
  const lines = [...endings].flatMap(([ending, { level, names }]) =>
    names.length <= linesEach
      ? names.map((name) => ({ level, text: `job ${name} ended: ${ending}` }))
      : [{ level, text: `${names.length} jobs ended: ${ending} (${some(names)})` }],
  );
  out.log.unshift(...lines);
}

function some(names: readonly string[]): string {
  return `${names.slice(0, linesEach).join(", ")} and ${names.length - linesEach} more`;
}
