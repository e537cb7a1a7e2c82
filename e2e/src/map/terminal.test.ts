// What a person sees of a map in a real terminal: questions, what calls write, a run that is gone on
// with, a narrow window.
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { inTerminal, needTerminal, screenOf, type TerminalOptions } from "../terminal.js";
import { temporaryFolder } from "./fixtures/map-site.js";

beforeEach((context) => needTerminal(context));

/** Runs a program that computes a map of `f` over six numbers with these options. */
async function mapIn(
  folder: string,
  options: string,
  terminal: Partial<Pick<TerminalOptions, "columns" | "answers">> = {},
  body = "return x;",
) {
  const path = join(folder, "program.mjs");
  writeFileSync(
    path,
    `import { ParallelMap, range } from ${JSON.stringify(import.meta.resolve("@acme/client"))};
const f = async (x) => {
  console.log("working on", x);
  ${body}
};
const pmap = new ParallelMap(f, range(6));
await pmap.compute({ nWorkers: 1, logfile: false, ${options} }).then(
  () => console.log("computed"),
  (error) => console.log(error.code),
);
`,
  );
  const run = { columns: 100, cwd: folder, ...terminal };
  const seen = await inTerminal(`${process.execPath} ${path}`, run);
  return { ...seen, screen: screenOf(seen.text) };
}

const question = /acme: make all calls, \[y\]es or \[n\]o\? \[y, in 120 s by itself\] /;

test("after a dry run it is asked whether to go on, and no makes nothing", async () => {
  const folder = temporaryFolder();
  const answers = [[question, "n\n"]] as const;
  const options = 'outputDir: "out", dryRun: true';
  const { text } = await mapIn(folder, options, { answers });
  expect(text).toMatch(/acme: one call, number \d, took \d+\.\d\d s and \d+ MB in this process/);
  expect(text).toContain("DRY_RUN_DECLINED");
  expect(existsSync(join(folder, "out"))).toBe(false);
});

test("after a dry run any other answer than no makes all calls", async () => {
  const folder = temporaryFolder();
  const answers = [
    [question, "what?\n"],
    [question, "\n"],
  ] as const;
  const { text } = await mapIn(folder, 'outputDir: "out", dryRun: true', { answers });
  expect(text.match(/make all calls/g)?.length).toBeGreaterThanOrEqual(2);
  expect(text).toContain("computed");
  expect(readdirSync(join(folder, "out", "f_payload"))).toHaveLength(6);
});

test("interactive: false asks nothing, also on a terminal", async () => {
  const options = 'output: "memory", dryRun: true, interactive: false';
  const { text } = await mapIn(temporaryFolder(), options);
  expect(text).not.toContain("[y]es");
  expect(text).toContain("computed");
});

test("with verbose what calls write stands on lines of its own, the bar below", async () => {
  const { screen } = await mapIn(temporaryFolder(), 'output: "memory", verbose: true');
  const said = screen.filter((line) => line.startsWith("[f "));
  expect(said.sort()).toEqual([0, 1, 2, 3, 4, 5].map((i) => `[f ${i}] working on ${i}`));
  expect(screen.filter((line) => line.includes("|#")).at(-1)).toMatch(/^ 100%\|#+\| 6\/6 \[/);
});

test("a run that is gone on with says what is there, and its bar begins there", async () => {
  const folder = temporaryFolder();
  const stop = `outputDir: "out", signal: stop.signal,
    onProgress: ({ done }) => { if (done >= 1) stop.abort(new Error("enough")); }, maxInFlight: 2`;
  await mapIn(folder, `...((stop) => ({ ${stop} }))(new AbortController())`);
  const there = readdirSync(join(folder, "out", "f_payload")).length;
  expect(there).toBeGreaterThan(0);
  expect(there).toBeLessThan(6);
  const { text, screen } = await mapIn(folder, 'outputDir: "out"');
  expect(text).toContain(`acme: ${there} of 6 results are there already, from an earlier run`);
  expect(text).not.toContain("0/6");
  expect(screen.find((line) => line.includes("|#"))).toMatch(/^ 100%\|#+\| 6\/6 \[/);
  const again = await mapIn(folder, 'outputDir: "out"');
  expect(again.screen.filter((line) => line.startsWith("acme:"))).toEqual([
    "acme: all 6 results are there already",
    `acme: results are in ${join(folder, "out", "f.h5")}`,
  ]);
});

test("Ctrl-C says what is done and how to go on, below the bar as it was", async () => {
  const folder = temporaryFolder();
  const slow = "if (x > 1) await new Promise((resolve) => setTimeout(resolve, 60_000)); return x;";
  const answers = [[/ 2\/6 \[/, "\u0003"]] as const;
  const { screen, exitCode } = await mapIn(folder, 'outputDir: "out"', { answers }, slow);
  expect(exitCode).toBe(130);
  const bar = screen.findIndex((line) => line.includes(" 2/6 ["));
  const after = screen.slice(bar + 1).filter((line) => line.startsWith("acme:"));
  expect(after).toEqual([
    "acme: Ctrl-C: cancelling; what is done is kept. A second one leaves at once",
    "acme: 2 of 6 calls of f are done",
    expect.stringMatching(/^acme: to go on with it: the same map with outputDir: ".*out"/),
  ]);
});

test("failures stand below the bar, each with its arguments, its stack and its log", async () => {
  const broken = 'if (x === 3) throw new RangeError("no threes"); return x;';
  const options = 'outputDir: "out", onError: "continue"';
  const { screen } = await mapIn(temporaryFolder(), options, {}, broken);
  expect(screen.filter((line) => line.includes("|#")).at(-1)).toMatch(/ 6\/6 \[.*1 failed\]$/);
  const text = screen.join("\n");
  expect(text).toMatch(
    /acme: 1 of 6 calls of f failed \(the other 5 are done; container: .*f\.h5\)/,
  );
  expect(text).toMatch(/call 3, f\(3\) on .*:\n {2}RangeError: no threes\n {6}at f /);
  expect(text).toMatch(/it wrote last:\n {4}working on 3\n\nto go on with it/);
});

test("in a narrow terminal no line of the bar breaks", async () => {
  const { text } = await mapIn(temporaryFolder(), 'output: "memory"', { columns: 30 });
  const states = text.split("\r").filter((state) => state.endsWith("\u001b[K") && /\d/.test(state));
  expect(states.length).toBeGreaterThan(0);
  for (const state of states) expect(state.length - "\u001b[K".length).toBeLessThan(30);
});
