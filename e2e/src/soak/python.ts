// Python programs on our scheduler while their workers and nannies are killed, many times over:
// right results and nothing else. The killing is a command of the benchmarks, in a process of its own.
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import type { Findings, SoakOptions } from "./findings.js";

const killing = fileURLToPath(new URL("../bench/python-kills/main.js", import.meta.url));
const usualMinutes = 20;

interface Round {
  readonly round: number;
  readonly work: string;
  readonly victim: string;
  readonly failed?: string;
  readonly found?: number;
  readonly right?: number;
  readonly end?: unknown;
}

export async function python(findings: Findings, { minutes }: SoakOptions): Promise<void> {
  const seed = String(Date.now() % 1_000_000);
  const args = ["--minutes", String(minutes ?? usualMinutes), "--seed", seed];
  findings.note("seed", seed);
  const running = execa(process.execPath, [killing, ...args], { reject: false, stderr: "inherit" });
  let ended = false;
  for await (const line of running) {
    const { round, work, victim, failed, found, right, end } = JSON.parse(line) as Round;
    if (end !== undefined) {
      findings.note("all", end);
      ended = true;
      continue;
    }
    const name = `round ${round}, ${work}, kills of a ${victim}`;
    process.stdout.write(`  ${name}: ${failed === undefined ? "ended" : "FAILED"}\n`);
    findings.check(failed === undefined, `${name}: ${failed}`);
    if (failed === undefined) findings.check(found === right, `${name}: ${found}, not ${right}`);
  }
  findings.check(ended, "the killing ended before its time");
}
