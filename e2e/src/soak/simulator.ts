// Many seeds of the simulator, in a process of its own, and each of its planted bugs: a simulator
// that finds no bug that is there proves nothing.
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import type { Findings } from "./findings.js";

const seeds = 20_000;
const restlessSeeds = 2_000;
const hoursMs = 3_600_000;
const main = fileURLToPath(new URL("../sim/main.js", import.meta.url));
const planted = fileURLToPath(new URL("../sim/planted-main.js", import.meta.url));

export async function simulator(findings: Findings): Promise<void> {
  for (const [name, count, mood] of [
    ["seeds", seeds, []],
    ["restless seeds", restlessSeeds, ["--restless"]],
  ] as const) {
    await findings.part(`${count} ${name}`, async () => {
      const args = ["--seeds", `${count}`, "--keep-going", ...mood];
      const { code, report, stderr } = await runProgram(main, args);
      findings.note(name, report);
      findings.check(code === 0, `${name} fail: ${stderr.slice(0, 2_000)}`);
    });
  }
  await findings.part("planted bugs", async () => {
    const { code, report, stderr } = await runProgram(planted, []);
    findings.note("planted bugs", report);
    findings.check(code === 0, `planted bugs were not found: ${stderr.slice(-2_000)}`);
  });
}

interface Run {
  readonly code: number;
  /** What it printed at the end; null: it did not come that far. */
  readonly report: unknown;
  readonly stderr: string;
}

async function runProgram(program: string, args: readonly string[]): Promise<Run> {
  const options = { reject: false, timeout: hoursMs, maxBuffer: 2 ** 26 } as const;
  const { exitCode, stdout, stderr } = await execa(process.execPath, [program, ...args], options);
  const last = stdout.trim().split("\n").at(-1) ?? "";
  return { code: exitCode ?? -1, stderr, report: /^[[{]/.test(last) ? JSON.parse(last) : null };
}
