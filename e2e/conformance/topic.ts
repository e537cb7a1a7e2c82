// A topic is a Python file with cases; its cases are run in one process after another, where a
// case that crashes or hangs costs only itself. Which scheduler is meant, the environment says.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { programs } from "./places.js";
import { Supervised } from "./supervised.js";

export interface Case {
  readonly topic: string;
  readonly name: string;
  /** Public names that it shows. */
  readonly rows: readonly string[];
  readonly ownCluster: boolean;
  readonly timeoutSeconds: number;
}

/** How a case ended: with a value, with an exception, or with its process. */
export interface Outcome {
  readonly value?: unknown;
  readonly raised?: { readonly class: string; readonly text: string };
  readonly crashed?: string;
  readonly traceback?: string;
}

interface Line extends Outcome {
  readonly started?: string;
  readonly ended?: string;
}

/** Beyond the time of a case, for imports and for the client's connection. */
const marginMs = 30_000;

export const topics: readonly string[] = readdirSync(`${programs}topics`)
  .filter((file) => file.endsWith(".py"))
  .map((file) => basename(file, ".py"))
  .sort();

export async function casesOf(topic: string, python: string): Promise<Case[]> {
  const { records, process } = await runProcess(topic, python, { CONFORMANCE_LIST: "1" }, marginMs);
  const [cases] = records as unknown as [Omit<Case, "topic">[]];
  if (cases === undefined) throw new Error(`${topic}.py cannot be read:\n${process.said}`);
  const names = cases.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new Error(`${topic}.py has two cases called "${twice}"`);
  return cases.map((one) => ({ topic, ...one }));
}

export interface TopicRun {
  readonly python: string;
  readonly topic: string;
  readonly cases: readonly Case[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Runs cases of a topic until all are done or one loses its process.
 *
 * @returns the outcome of each case that was begun
 */
export async function runCases(run: TopicRun): Promise<Map<string, Outcome>> {
  const { python, topic, cases } = run;
  const env = { ...run.env, CONFORMANCE_CASES: JSON.stringify(cases.map(({ name }) => name)) };
  const timeoutMs = cases.reduce((sum, { timeoutSeconds }) => sum + timeoutSeconds * 1_000, 0);
  const { records, process } = await runProcess(topic, python, env, timeoutMs + marginMs);
  const outcomes = new Map<string, Outcome>();
  let begun: string | undefined;
  for (const { started, ended, ...outcome } of records) {
    begun = started;
    if (ended !== undefined) outcomes.set(ended, outcome);
  }
  const lost = begun ?? (outcomes.size === 0 ? cases[0]!.name : undefined);
  if (lost !== undefined) {
    outcomes.set(lost, { crashed: process.end, traceback: process.said.slice(-4_000) });
  }
  return outcomes;
}

async function runProcess(
  topic: string,
  python: string,
  env: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<{ records: Line[]; process: Supervised }> {
  const folder = mkdtempSync(join(tmpdir(), "conformance-topic-"));
  const out = join(folder, "out");
  const own = { PYTHONPATH: programs, PYTHONDONTWRITEBYTECODE: "1", CONFORMANCE_OUT: out };
  const process = new Supervised(python, [`${programs}topics/${topic}.py`], {
    env: { ...env, ...own },
    cwd: folder,
  });
  const timer = setTimeout(() => process.kill("SIGKILL"), timeoutMs);
  await process.ended;
  clearTimeout(timer);
  const text = existsSync(out) ? readFileSync(out, "utf8") : "";
  rmSync(folder, { recursive: true, force: true });
  const lines = text.split("\n").filter((line) => line !== "");
  return { records: lines.map((line) => JSON.parse(line) as Line), process };
}
