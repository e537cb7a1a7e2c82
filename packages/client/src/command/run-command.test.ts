// Programs that run, fail, hang and leave things behind, in this process and without a cluster.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { type CommandOptions, command } from "./command.js";
import type { CommandOutput } from "./command-output.js";
import { isGroupThere } from "./process-group.js";

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "command-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A program of a few lines. */
const script = <O extends CommandOutput = "text">(text: string, options?: CommandOptions<O>) =>
  command("sh", ["-c", text.replaceAll(/[{}]/g, "$&$&"), "script", "{0}"], options);

const failure = (promise: Promise<unknown>): Promise<Error & Record<string, unknown>> =>
  promise.then(
    () => expect.fail("it did not fail"),
    (error) => error,
  );

/** Some containers take a while to clear away what has ended. */
const expectGone = (pid: number) =>
  expect.poll(() => isGroupThere(pid), { timeout: 15_000 }).toBe(false);

it("gives each word as it is, whatever is in it", async () => {
  const show = command("node", ["-p", "JSON.stringify(process.argv.slice(1))", "{0}", "x={1}"], {
    output: "json",
  });
  const odd = "a b\n'\"$HOME `id` ; * ? > out {0} ~ \\ é";
  expect(await show(odd, "")).toEqual([odd, "x="]);
});

it("reads the standard output as asked for", async () => {
  const given = "printf '1 2.5\\n3\\n'";
  expect(await script(given)("")).toBe("1 2.5\n3");
  expect(await script(given, { output: "lines" })("")).toEqual(["1 2.5", "3"]);
  expect(await script(given, { output: "numbers" })("")).toEqual(Float64Array.of(1, 2.5, 3));
  expect(await script(given, { output: "none" })("")).toBeUndefined();
  const error = await failure(script("echo no; echo json", { output: "json" })(""));
  expect(error).toMatchObject({ code: "COMMAND_OUTPUT" });
  expect(error.message).toMatch(/wrote what is no json: [\s\S]*it wrote "no\\njson\\n"$/);
});

it("fills environment, folder, standard input and log", async () => {
  const cwd = temporaryFolder();
  const greet = script('pwd; echo "$GREETING"; cat; echo aside >&2', {
    output: "lines",
    cwd: "{0.folder}",
    env: { GREETING: "hello {0.name}" },
    stdin: "{0.list}",
    log: "logs/{0.name}.log",
  });
  expect(await greet({ folder: cwd, name: "ada", list: [1, 2] })).toEqual([
    cwd,
    "hello ada",
    "[1,2]",
  ]);
  const log = readFileSync(join(cwd, "logs", "ada.log"), "utf8");
  expect(log.split("\n").toSorted()).toEqual(["", "[1,2]aside", "hello ada", cwd].toSorted());
});

it("a program that does not read its input does not mind it", async () => {
  const idle = command("echo", ["done"], { stdin: "{0}" });
  expect(await idle("x".repeat(1_000_000))).toBe("done");
  const long = await failure(command("echo", ["{0}"])("x".repeat(1_000_000)));
  expect(long.message).toMatch(/^echo cannot be started on .*its arguments are too long/);
});

it("an exit code that is not accepted is an error that shows the end of standard error", async () => {
  const fails = "for i in $(seq 100); do echo line $i >&2; done; exit 3";
  const error = await failure(script(fails)("in put"));
  expect(error).toMatchObject({
    code: "COMMAND_FAILED",
    exitCode: 3,
    signal: undefined,
    program: "sh",
    host: hostname(),
  });
  expect(error.args).toEqual(["-c", fails, "script", "in put"]);
  expect(error.message).toContain("ended with exit code 3, where 0 means success");
  expect(error.message).toMatch(/the end of what it said:\nline 81\n[\s\S]*line 100$/);
  expect(await script("echo fine; exit 3", { exitCodes: [0, 3] })("")).toBe("fine");
});

it("a signal is told as such", async () => {
  const error = await failure(script("kill -s SEGV $$")(""));
  expect(error).toMatchObject({ code: "COMMAND_FAILED", exitCode: undefined, signal: "SIGSEGV" });
  expect(error.message).toContain("was ended by SIGSEGV; it wrote no error");
});

it("a program that is not there is named with host and PATH", async () => {
  const folder = temporaryFolder();
  const missing = await failure(command("recon-all-8", [])());
  expect(missing).toMatchObject({ code: "COMMAND_NOT_STARTED", program: "recon-all-8" });
  expect(missing.message).toContain(`recon-all-8 cannot be started on ${hostname()}`);
  expect(missing.message).toContain(`it is in no folder of PATH there: ${process.env.PATH}`);
  const path = await failure(command("nothing", [], { env: { PATH: "/nowhere" } })());
  expect(path.message).toContain("PATH there: /nowhere. ");
  const relative = await failure(command("./run.sh", [], { cwd: folder })());
  expect(relative.message).toContain(`there is no such file, seen from ${folder}`);
  writeFileSync(join(folder, "run.sh"), "#!/bin/sh\n");
  const closed = await failure(command("./run.sh", [], { cwd: folder })());
  expect(closed.message).toContain("it is not executable");
  const away = await failure(command("true", [], { cwd: "{0}" })("/not/there"));
  expect(away.message).toContain("there is no folder /not/there there");
});

it("what takes too long is ended with all that it has started", async () => {
  const folder = temporaryFolder();
  const slow = script('echo $$ > "$1"; echo waiting >&2; sleep 60 & sleep 60', {
    timeLimitMs: 300,
  });
  const startMs = performance.now();
  const error = await failure(slow(join(folder, "pid")));
  expect(performance.now() - startMs).toBeLessThan(4_000);
  expect(error).toMatchObject({ code: "COMMAND_TIMEOUT", timeLimitMs: 300 });
  expect(error.message).toMatch(/took longer than 300 ms[\s\S]*waiting$/);
  const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
  await expectGone(pid);
});

it("what is left of a program does not outlive it, and helpers may finish", async () => {
  const folder = temporaryFolder();
  const leaves = script('echo $$ > "$1/pid"; (sleep 0.3; touch "$1/helper") & sleep 60 & echo out');
  expect(await leaves(folder)).toBe("out");
  expect(existsSync(join(folder, "helper"))).toBe(true);
  const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
  await expectGone(pid);
});

it("a daemon that keeps the output open does not keep the call", async () => {
  const folder = temporaryFolder();
  const starts = script('setsid sh -c \'echo $$ > "$0/pid"; sleep 30\' "$1" & echo started');
  expect(await starts(folder)).toBe("started");
  process.kill(Number(readFileSync(join(folder, "pid"), "utf8")), "SIGKILL");
});

it("refuses what makes no sense where it is written", () => {
  expect(() => command("")).toThrow("a command begins with a program");
  expect(() => command("x", "a b" as never)).toThrow("list of texts, one per word");
  expect(() => command("awk", ["{print $1}"])).toThrow("doubled");
  expect(() => command("x", [], { output: "xml" as never })).toThrow('output "xml" is unknown');
  expect(() => command("x", [], { exitCodes: [] })).toThrow("exitCodes");
  expect(() => command("x", [], { timeLimitMs: 0 })).toThrow("timeLimitMs");
  expect(command("/opt/tools/run.sh").name).toBe("run.sh");
  expect(command("x", [], { name: "mine" }).name).toBe("mine");
});
