// Commands as real processes: what they get, what is made of their failures, and that they are few
// at a time, more so while the batch system is busy.
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CommandError } from "../errors.js";
import { Commands } from "./commands.js";

const node = (program: string) => ({ argv: [process.execPath, "-e", program] });

async function failureOf(command: Parameters<Commands["run"]>[0]): Promise<CommandError> {
  const error = await new Commands().run(command).then(
    () => null,
    (failure: unknown) => failure,
  );
  expect(error).toBeInstanceOf(CommandError);
  return error as CommandError;
}

describe("a command", () => {
  it("gets the script on standard input, and speaks plain English with times as numbers", async () => {
    const program =
      'process.stdin.on("data", (d) => process.stdout.write(String(d))).on("end", () => ' +
      "console.log(process.env.LC_ALL, process.env.SLURM_TIME_FORMAT))";
    const output = await new Commands().run({ ...node(program), stdin: "a 'b' $c\n" });
    expect(output).toBe("a 'b' $c\nC %s\n");
  });

  it("fails with its exit code and what it said", async () => {
    const error = await failureOf(node('console.error("invalid partition"); process.exit(3)'));
    expect(error).toMatchObject({ exitCode: 3, stderr: "invalid partition\n", transient: false });
    expect(error.message).toContain("invalid partition");
  });

  it("that is not there is named", async () => {
    const error = await failureOf({ argv: ["no-such-command-anywhere"] });
    expect(error.message).toContain("no-such-command-anywhere");
    expect(error.message).toContain("no such command");
  });

  it("may complain of jobs that are gone, and of nothing else", async () => {
    const program = (line: string) =>
      node(`console.log("12 R"); console.error("Unknown Job Id 7\\n${line}"); process.exit(153)`);
    const forgives = /unknown job id/i;
    expect(await new Commands().run({ ...program(""), forgives })).toBe("12 R\n");
    const error = await failureOf({ ...program("cannot connect to server"), forgives });
    expect(error.transient).toBe(true);
  });
});

describe("many commands", () => {
  const stamp = node("const a = Date.now(); setTimeout(() => console.log(a, Date.now()), 300)");

  it("run two at a time, with pauses between their starts", async () => {
    const commands = new Commands();
    const outputs = await Promise.all(Array.from({ length: 4 }, () => commands.run(stamp)));
    const spans = outputs.map((line) => line.split(" ").map(Number) as [number, number]);
    for (const [begin] of spans) {
      const atOnce = spans.filter(([from, to]) => from <= begin && begin < to).length;
      expect(atOnce).toBeLessThanOrEqual(2);
    }
    expect(commands.started).toBe(4);
  });

  it("wait ever longer for a busy controller, until it answers", async () => {
    const commands = new Commands();
    const busy = node('console.error("slurm_load_jobs error: Socket timed out"); process.exit(1)');
    for (let i = 0; i < 3; i++) await expect(commands.run(busy)).rejects.toThrow("timed out");
    const beginMs = performance.now();
    await commands.run(node(""));
    await commands.run(node(""));
    expect(performance.now() - beginMs).toBeGreaterThan(1_000);
  });
});

describe("a command that wants a file", () => {
  it("has it as the last argument while it runs, and only then", async () => {
    const program = 'const p = process.argv.at(-1); console.log(p, fs.readFileSync(p, "utf8"))';
    const argv = [process.execPath, "-e", program, "--", "first"];
    const printed = await new Commands().run({ argv, file: "text" });
    const [path = "", text] = printed.trim().split(" ");
    expect(text).toBe("text");
    expect(existsSync(path)).toBe(false);
  });

  it("may fail silently when that is forgiven", async () => {
    const silent = { argv: [process.execPath, "-e", "process.exit(153)"] };
    expect(await new Commands().run({ ...silent, forgives: /^$/ })).toBe("");
    await expect(new Commands().run({ ...silent, forgives: /gone/ })).rejects.toThrow("153");
  });
});
