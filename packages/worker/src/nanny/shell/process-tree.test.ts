// The memory of descendants counts, also of those that a thread started.
import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { ProcessTree } from "./process-tree.js";

/** Elsewhere there is no /proc: nothing is found, so nothing is ever ended for its memory. */
const isMeasured = process.platform === "linux";
const hungry = 'const a = Buffer.alloc(150e6, 1); console.log("full"); setInterval(() => a, 1000)';

it("finds a child process of a thread", async () => {
  const before = (await new ProcessTree(process.pid).measure()).treeBytes;
  const thread = new Worker(
    `const { spawn } = require("node:child_process");
     const { parentPort, workerData } = require("node:worker_threads");
     const child = spawn(process.execPath, ["-e", workerData]);
     child.stdout.once("data", () => parentPort.postMessage(child.pid));`,
    { eval: true, workerData: hungry },
  );
  const pid = await new Promise<number>((resolve) => thread.once("message", resolve));
  const during = (await new ProcessTree(process.pid).measure()).treeBytes;
  expect(during - before > 150e6).toBe(isMeasured);
  process.kill(pid, "SIGKILL");
  await thread.terminate();
  expect((await new ProcessTree(pid).measure()).treeBytes).toBe(0);
});
