// Runs the examples of other languages as users do, each in an empty folder, after installing what
// they need: R, Octave, FORTRAN and Java are hundreds of megabytes, too much for every test run.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import type { Findings } from "./findings.js";

interface Language {
  readonly example: string;
  /** As it is written; what runs is built from it. */
  readonly source: URL;
  /** That is installed, and answers with its version. */
  readonly program: string;
  readonly versionFlag: string;
  readonly debianPackage: string;
  /** Wrong if it gives false. */
  readonly isRight: (values: readonly unknown[]) => boolean;
}

const near = (value: unknown, expected: number, tolerance: number): boolean =>
  Math.abs(Number(value) - expected) <= tolerance;

const known: readonly Language[] = [
  {
    example: "r",
    source: new URL("../../../examples/other-languages/src/r.js", import.meta.url),
    program: "Rscript",
    versionFlag: "--version",
    debianPackage: "r-base-core",
    // Quartiles of the normal distribution are 0.6745 from its mean.
    isRight: (calls) =>
      calls.length === 4 &&
      (calls as number[][]).every(([low, middle, high], at) => {
        const mean = 10 * at;
        return (
          near(low, mean - 0.6745, 0.1) && near(middle, mean, 0.1) && near(high, mean + 0.6745, 0.1)
        );
      }),
  },
  {
    example: "octave",
    source: new URL("../../../examples/other-languages/src/octave.js", import.meta.url),
    program: "octave-cli",
    versionFlag: "--version",
    debianPackage: "octave",
    isRight: (calls) =>
      (calls as number[][]).every((found, at) =>
        [-Math.SQRT2, 0, Math.SQRT2].every((each, k) => near(found[k], 2 * at + each, 1e-12)),
      ),
  },
  {
    example: "fortran",
    source: new URL("../../../examples/other-languages/src/fortran.js", import.meta.url),
    program: "gfortran",
    versionFlag: "--version",
    debianPackage: "gfortran",
    // A fixed point, a cycle of two, a cycle of four.
    isRight: (calls) =>
      (calls as number[][]).every(
        (orbit, at) => new Set(orbit.map((x) => x.toFixed(9))).size === 2 ** at,
      ),
  },
  {
    example: "java",
    source: new URL("../../../examples/other-languages/src/java.js", import.meta.url),
    program: "java",
    versionFlag: "-version",
    debianPackage: "default-jdk-headless",
    isRight: (calls) =>
      JSON.stringify(calls) ===
      JSON.stringify([
        { below: 100, count: 25, largest: 97 },
        { below: 10_000, count: 1_229, largest: 9_973 },
        { below: 1_000_000, count: 78_498, largest: 999_983 },
      ]),
  },
];

export async function languages(findings: Findings): Promise<void> {
  for (const language of known) {
    await findings.part(language.example, () => run(language, findings));
  }
}

async function run(language: Language, findings: Findings): Promise<void> {
  const { example, source, isRight } = language;
  const program = fileURLToPath(source).replace("/other-languages/src/", "/other-languages/dist/");
  const version = await installed(language);
  const cwd = mkdtempSync(join(tmpdir(), `${example}-`));
  const beganMs = performance.now();
  try {
    const { stdout } = await execa(process.execPath, [program], { cwd });
    const values = stdout.split("\n").map((line) => JSON.parse(line) as unknown);
    const seconds = Math.round((performance.now() - beganMs) / 100) / 10;
    findings.note(example, { version, values, seconds });
    if (values.length < 3 || !isRight(values)) throw new Error(`${example} gave ${stdout}`);
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

/** Its version; by root on Debian it is installed if it is missing. */
async function installed({ program, versionFlag, debianPackage }: Language): Promise<string> {
  const ask = () => execa(program, [versionFlag], { all: true });
  const found = await ask().catch(async () => {
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    await execa("apt-get", ["-qq", "update"], { env });
    await execa("apt-get", ["-qq", "install", "-y", "--no-install-recommends", debianPackage], {
      env,
    });
    return ask();
  });
  return (found.all ?? "").split("\n")[0] ?? "";
}
