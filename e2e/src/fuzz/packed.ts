// Spoilt values and packed functions for the real decoders, in a child process that is watched: it
// may refuse what it gets, but must not die of it, hang, or take more memory than it has.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { PackedReport, PackedTask } from "./packed-program.js";

const program = fileURLToPath(new URL("../../dist/fuzz/packed-program.js", import.meta.url));
const heapMB = 256;
const silenceMs = 30_000;

/** @throws if the child died or was silent for long, with the input it had come to */
export function fuzzPacked(task: PackedTask): Promise<PackedReport> {
  return new Promise((resolve, reject) => {
    const execArgv = [`--max-old-space-size=${heapMB}`];
    const child = fork(program, { execArgv, stdio: ["ignore", "inherit", "inherit", "ipc"] });
    let progress = 0;
    const fail = (why: string) => reject(new Error(`${why} after input ${task.seed + progress}`));
    const onSilent = () => {
      child.kill("SIGKILL");
      fail("the decoder hangs");
    };
    let silence = setTimeout(onSilent, silenceMs);
    child.on("message", (message: { progress?: number; report?: PackedReport }) => {
      clearTimeout(silence);
      silence = setTimeout(onSilent, silenceMs);
      progress = message.progress ?? progress;
      if (message.report !== undefined) resolve(message.report);
    });
    child.once("exit", (code, signal) => {
      clearTimeout(silence);
      // Too late to matter when it has reported.
      fail(`the decoder died (${code ?? signal})`);
    });
    child.send(task);
  });
}
