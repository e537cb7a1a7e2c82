// The program of an executor thread: wires the task runner to the port of its thread and to the
// cells it shares with the control thread.
import { parentPort, workerData } from "node:worker_threads";
import { assert } from "@acme/protocol";
import { type Batch, BatchWriter, shareFrame } from "./batch.js";
import { Cells, cellState } from "./cells.js";
import { GarbageWatch } from "./garbage.js";
import { type RunnerPort, TaskRunner } from "./inside/task-runner.js";
import { type Report, writeReport } from "./reports.js";
import { bell, collect, isBatch, type ThreadData } from "./thread-data.js";
import { valueForms } from "./value-form.js";

const port = parentPort;
assert(port !== null, "thread-main runs in a worker thread only");
const data = workerData as ThreadData;
const cells = new Cells(data.cells, data.cellBytes);
const garbage = new GarbageWatch(data.memoryLimitBytes);
const writer = new BatchWriter(shareFrame, data.sharedFrameBytes);

/** Something ended in a cell and the control thread was not told. */
let unrung = false;

function post(reports: readonly Report[]): void {
  for (const report of reports) writeReport(writer, report);
  const batch = writer.take();
  port?.postMessage(batch, [batch.bytes.buffer as ArrayBuffer]);
  garbage.moved(largeBytes(batch));
}

/** Once read or sent, the shared frames of a batch are only held by garbage here. */
const largeBytes = ({ large }: Batch): number =>
  large.reduce((bytes, frame) => bytes + frame.byteLength, 0);

const runnerPort: RunnerPort = {
  ownsInputs: false,
  workerAddress: data.workerAddress,
  yieldMs: data.yieldMs,
  quickMs: data.quickMs,
  ringLaterMs: data.ringLaterMs,
  claim(cell) {
    if (cells.swap(cell, cellState.handed, cellState.running)) return true;
    cells.setState(cell, cellState.free);
    return false;
  },
  isCancelled: (cell) => cells.state(cell) === cellState.cancelled,
  ended(report, cell) {
    const isPlain = report.type === "ok" && report.form === valueForms.acme;
    const frame = isPlain && report.frames.length === 1 ? report.frames[0] : undefined;
    if (report.type === "ok" && frame !== undefined && cells.put(cell, { ...report, frame })) {
      cells.setState(cell, cellState.endedHere);
      unrung = true;
      return;
    }
    // Before it is posted: once the control thread has the report, the cell is its own again.
    cells.setState(cell, cellState.endedPosted);
    post([report]);
  },
  ring() {
    if (!unrung) return;
    unrung = false;
    if (cells.ring()) port.postMessage(bell);
  },
  spoilt(reports, cell) {
    if (cell >= 0) cells.setState(cell, cellState.endedPosted);
    post([...reports, { type: "spoilt" }]);
  },
  seceded: (orderId) => post([{ type: "seceded", orderId }]),
};

const runner = new TaskRunner(runnerPort);
process.on("uncaughtException", (error) => runner.uncaught(error));
process.on("unhandledRejection", (reason) => runner.uncaught(reason));
port.on("message", (message: unknown) => {
  if (isBatch(message)) {
    runner.receive(message as Batch);
    garbage.moved(largeBytes(message as Batch));
  } else if (message === collect) {
    garbage.collect();
    port.postMessage(collect);
  }
});
post([{ type: "ready" }]);
