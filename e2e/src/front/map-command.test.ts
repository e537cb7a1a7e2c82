// `acme map`, `acme resume` and `acme results` as people type them, in an empty folder: what comes
// out of which stream, and the exit code.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";

const program = fileURLToPath(new URL("../../../packages/acme/bin/acme.js", import.meta.url));

const analysis = `
export interface Design { readonly by: number }
export const power = (x: number, { by }: Design): number[] => [x, x ** by];
export function picky(x: number): number {
  if (x === 2) throw new RangeError("no twos");
  return x;
}
export default (x: number, y: number): number => x + y;
export const slow = async (x: number): Promise<number> => {
  if (x > 1) await new Promise((resolve) => setTimeout(resolve, 60_000));
  return x;
};
`;

/** A folder with a TypeScript module, and the command in it. */
function workplace() {
  const cwd = mkdtempSync(join(tmpdir(), "acme-map-"));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  writeFileSync(join(cwd, "analysis.ts"), analysis);
  const acme = (...words: string[]) =>
    execa(process.execPath, [program, ...words], { cwd, reject: false, timeout: 90_000 });
  return { cwd, acme };
}

test("maps a function of a TypeScript module into one array; results tells of it", async () => {
  const { cwd, acme } = workplace();
  const words = ["./analysis.ts#power", "--input", "0:4", "--share", "by=3"];
  const map = await acme("map", ...words, "-w", "2", "--result-shape", "_,2", "-o", "out");
  expect(map.stderr).toContain("4/4");
  expect([map.exitCode, map.stdout]).toEqual([0, join(cwd, "out", "power.h5")]);
  const results = await acme("results", "out", "--verify");
  expect([results.exitCode, results.stdout]).toEqual([0, ""]);
  expect(results.stderr).toMatch(/done +4 \(100 %\)\nfailed +0\nmissing +0\nsize +\d+\.\d KiB/);
  expect(results.stderr).toMatch(/result_0 +4 x 2\nverified: 4 files, 0 problems/);
  const told = JSON.parse((await acme("results", "out", "--json")).stdout);
  expect(told).toMatchObject({ function: "power", calls: 4, done: 4, shape: [4, 2], failures: [] });
});

test("values in memory are lines of JSON, of the default export too", async () => {
  const { acme } = workplace();
  const words = ["./analysis.ts", "-i", "1,2,3", "-i", "[10,20,30]", "--output", "memory", "-q"];
  const { exitCode, stdout, stderr } = await acme("map", ...words, "-w", "1");
  expect([exitCode, stdout]).toEqual([0, "11\n22\n33"]);
  expect(stderr).not.toContain("3/3");
});

test("a failed call: exit code 1, what is done stays, and it is resumed with new code", async () => {
  const { cwd, acme } = workplace();
  const map = await acme("map", "./analysis.ts#picky", "-i", "0:4", "-w", "2", "-o", "out");
  expect([map.exitCode, map.stdout]).toEqual([1, join(cwd, "out", "picky.h5")]);
  expect(map.stderr).toContain("RangeError: no twos");
  const results = await acme("results", "out", "--paths");
  expect(results.stderr).toContain("  call 2: RangeError: no twos\nto go on: acme resume ");
  expect(results.stdout.split("\n")).toHaveLength(3);
  writeFileSync(join(cwd, "analysis.ts"), analysis.replace("x === 2", "x === 1000"));
  const changed = await acme("resume", "out", "-w", "1");
  expect(changed.exitCode).toBe(1);
  expect(changed.stderr).toContain("--function FILE#EXPORT --accept-new-code");
  const fixed = ["--function", "analysis.ts#picky", "--accept-new-code", "--paths"];
  const resumed = await acme("resume", "out", "-w", "1", ...fixed);
  expect(resumed.exitCode, resumed.stderr).toBe(0);
  expect(resumed.stdout.split("\n")).toHaveLength(4);
});

test("maps a program over lines of a file", async () => {
  const { cwd, acme } = workplace();
  writeFileSync(join(cwd, "subjects.txt"), "sub-01\nsub 02; echo $HOME\n");
  const line = 'sh -c \'echo aside >&2; printf "%s|%s" "$1" "$STUDY"\' sh {subject}';
  const words = [
    "--input",
    "subject=@subjects.txt",
    "--env",
    "STUDY=rest",
    "--log",
    "logs/{subject}.log",
  ];
  const map = await acme("map", "-c", line, ...words, "--output", "memory", "-w", "2");
  expect(map.stdout, map.stderr).toBe('"sub-01|rest"\n"sub 02; echo $HOME|rest"');
  expect(readdirSync(join(cwd, "logs"))).toHaveLength(2);
  expect(readFileSync(join(cwd, "logs", "sub-01.log"), "utf8")).toContain("aside");
});

test("words that make no sense end with 2, and touch nothing", async () => {
  const { cwd, acme } = workplace();
  const wrong: [string[], RegExp][] = [
    [["map"], /give a function, as .* or a program with --command/],
    [["map", "analysis.ts#nothing", "-i", "1"], /exports no function nothing; it exports .*picky/],
    [["map", "analysis.ts#power", "-i", "0:3", "-i", "0:4"], /different length/],
    [["map", "analysis.ts#picky", "-i", "0:3", "--result-shape", "x"], /"x" is no size/],
    [["map", "analysis.ts#picky", "-i", "0:3", "--workers", "many"], /Give a whole number/],
    [["map", "analysis.ts#picky", "-i", "0:3", "--on-error", "cry"], /Allowed choices/],
    [["map", "-c", "awk {print}  {", "-i", "0:3"], /a brace that is meant as such is doubled/],
    [["map", "analysis.ts#picky", "--log", "x", "-i", "0:3"], /for programs only/],
  ];
  for (const [words, why] of wrong) {
    const { exitCode, stdout, stderr } = await acme(...words);
    expect([exitCode, stdout], stderr).toEqual([2, ""]);
    expect(stderr).toMatch(why);
  }
  expect(readdirSync(cwd)).toEqual(["analysis.ts"]);
  const nothing = await acme("results", ".");
  expect([nothing.exitCode, nothing.stdout]).toEqual([1, ""]);
  const help = await acme("map", "--help");
  expect([help.exitCode, help.stderr]).toEqual([0, ""]);
  expect(help.stdout).toContain("--result-shape 28,28,_");
});

test("Ctrl-C keeps what is done, says how to go on, and ends with 130", async () => {
  const { cwd, acme } = workplace();
  const running = acme("map", "./analysis.ts#slow", "-i", "0:6", "-w", "2", "-o", "out");
  const payload = join(cwd, "out", "slow_payload");
  const done = () =>
    existsSync(payload) ? readdirSync(payload).filter((f) => f.endsWith(".h5")) : [];
  await expect.poll(done, { timeout: 60_000 }).toHaveLength(2);
  // A result is on disk a moment before the map hears of it and writes it down.
  const journal = join(cwd, "out", ".acme", "manifest.ndjson");
  const heard = () => readFileSync(journal, "utf8").match(/"state":"done"/g);
  await expect.poll(heard, { timeout: 20_000 }).toHaveLength(2);
  running.kill("SIGINT");
  const { exitCode, stderr } = await running;
  expect(exitCode).toBe(130);
  expect(stderr).toMatch(/2 of 6 calls of slow are done\n.*to go on with it/);
  const { stdout } = await acme("results", "out", "--json");
  expect(JSON.parse(stdout)).toMatchObject({ done: 2, failed: 0, missing: 4 });
});
