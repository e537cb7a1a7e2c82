// Arrays of 100 MB from Node to Python and back, on two workers of each: right, and with the bytes
// counted that crossed. The work is the test's, only larger.
import { cross } from "../python/crossing.js";
import type { Findings, SoakOptions } from "./findings.js";

type Incumbent = typeof import("../../bench/incumbent.js");
/** Compiled beside this folder. */
const incumbent = new URL("../bench/incumbent.js", import.meta.url).href;

const arrayBytes = 100_000_000;
const count = arrayBytes / Float64Array.BYTES_PER_ELEMENT;
const lanes = 4;
const rounds = 5;

export async function crossing(findings: Findings, { values }: SoakOptions): Promise<void> {
  const packages = ["distributed", "dask", "numpy", "pandas", "pyarrow"];
  const { install } = (await import(incumbent)) as Incumbent;
  const { python: executable, versions } = install("python", packages);
  findings.note("versions", versions);
  findings.note("work", { arrayBytes, lanes, workers: "2 Node, 2 Python" });
  for (let round = 1; round <= (values ?? rounds); round++) {
    const name = `round ${round}`;
    await findings.part(name, async () => {
      const crossed = await cross({ executable, count, lanes });
      const { sums, toPythonBytes, toNodeBytes, seconds } = crossed;
      findings.note(name, { toPythonBytes, toNodeBytes, seconds: Math.round(seconds * 100) / 100 });
      process.stdout.write(`  ${name}: ${toPythonBytes} and ${toNodeBytes} bytes, ${seconds} s\n`);
      const right = sums.every((sum) => sum > 0);
      findings.check(right, `${name}: an element is wrong: ${sums}`);
      for (const bytes of [toPythonBytes, toNodeBytes]) {
        // A task that is stolen takes its array to another worker, and so has it cross again.
        const fits = bytes >= lanes * arrayBytes && bytes < (lanes + 1.01) * arrayBytes;
        findings.check(fits, `${name}: ${bytes} bytes crossed instead of ${lanes * arrayBytes}`);
      }
    });
  }
}
