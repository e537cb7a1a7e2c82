// The program of an executor process: wires the task runner to the pipe at descriptor 3. It ends
// when the worker closes the pipe or is gone; the worker alone decides about its life.
import { Socket } from "node:net";
import { BatchWriter, passFrame } from "./batch.js";
import { batchParser, writeBatch } from "./batch-stream.js";
import { type RunnerPort, TaskRunner } from "./inside/task-runner.js";
import { type Report, writeReport } from "./reports.js";

const [, , workerAddress = "", largeBytes = "65536", yieldMs = "10"] = process.argv;
const pipe = new Socket({ fd: 3, readable: true, writable: true });
const writer = new BatchWriter(passFrame, Number(largeBytes));

function post(reports: readonly Report[]): void {
  for (const report of reports) writeReport(writer, report);
  writeBatch(pipe, writer.take());
}

const runnerPort: RunnerPort = {
  ownsInputs: true,
  workerAddress,
  yieldMs: Number(yieldMs),
  quickMs: 0,
  ringLaterMs: 0,
  // One order is handed over at a time, so it is never taken back.
  claim: () => true,
  isCancelled: () => false,
  ended: (report) => post([report]),
  ring() {},
  spoilt: (reports) => post([...reports, { type: "spoilt" }]),
  seceded: (orderId) => post([{ type: "seceded", orderId }]),
};

const runner = new TaskRunner(runnerPort);
process.on("uncaughtException", (error) => runner.uncaught(error));
process.on("unhandledRejection", (reason) => runner.uncaught(reason));
// A terminal and batch systems signal the whole group; the worker hands over and decides.
const groupSignals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const;
for (const signal of groupSignals) process.on(signal, () => {});

const parser = batchParser((batch) => runner.receive(batch));
pipe.on("data", (chunk: Uint8Array) => parser.push(chunk));
pipe.on("error", () => process.exit(0));
pipe.on("close", () => process.exit(0));
post([{ type: "ready" }]);
