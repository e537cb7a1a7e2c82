// What an executor tells the control thread, written to and read from batches. Results of quick
// tasks come through cells instead (cells.ts); everything else comes this way.
import { assertNever } from "@acme/protocol";
import type { OrderId } from "../core/events.js";
import { type Batch, BatchReader, type BatchWriter } from "./batch.js";
import type { ValueForm } from "./value-form.js";

/** A value as frames, with what the scheduler wants to know about it. */
export interface OkReport {
  type: "ok";
  orderId: OrderId;
  typename: string;
  startMs: number;
  stopMs: number;
  form: ValueForm;
  frames: readonly Uint8Array[];
}

export interface ErrorReport {
  /** `foreign`: only Python can run the task; nothing of it was run. */
  type: "error" | "foreign";
  orderId: OrderId;
  exceptionText: string;
  tracebackText: string;
  startMs: number;
  stopMs: number;
  form: ValueForm;
  frames: readonly Uint8Array[];
}

export type Report =
  /** Code is loaded, orders can come. */
  | { type: "ready" }
  | OkReport
  | ErrorReport
  | { type: "rescheduled"; orderId: OrderId }
  /** It ended after it had been told to stop. */
  | { type: "aborted"; orderId: OrderId }
  | { type: "seceded"; orderId: OrderId }
  /** Something failed outside of any task; told once, the executor is replaced after it. */
  | { type: "stray"; text: string }
  /** Not to be given further orders: its state is doubtful. Nothing runs in it any more. */
  | { type: "spoilt" };

const codes = {
  ready: 1,
  ok: 2,
  error: 3,
  rescheduled: 4,
  aborted: 5,
  seceded: 6,
  stray: 7,
  spoilt: 8,
  foreign: 9,
} as const;

export function writeReport(writer: BatchWriter, report: Report): void {
  writer.number(codes[report.type]);
  switch (report.type) {
    case "ok":
      writeEnd(writer, report);
      writer.text(report.typename);
      return;
    case "error":
    case "foreign":
      writeEnd(writer, report);
      writer.text(report.exceptionText);
      writer.text(report.tracebackText);
      return;
    case "rescheduled":
    case "aborted":
    case "seceded":
      writer.number(report.orderId);
      return;
    case "stray":
      writer.text(report.text);
      return;
    case "ready":
    case "spoilt":
      return;
    default:
      assertNever(report);
  }
}

function writeEnd(writer: BatchWriter, report: OkReport | ErrorReport): void {
  writer.number(report.orderId);
  writer.number(report.startMs);
  writer.number(report.stopMs);
  writer.number(report.form);
  writer.frames(report.frames);
}

/** The reports of a batch, in order. */
export function readReports(batch: Batch): Report[] {
  const reader = new BatchReader(batch);
  const reports: Report[] = [];
  while (!reader.isAtEnd) reports.push(readReport(reader));
  return reports;
}

function readReport(reader: BatchReader): Report {
  const code = reader.number() as (typeof codes)[Report["type"]];
  switch (code) {
    case codes.ready:
      return { type: "ready" };
    case codes.ok:
      return { type: "ok", ...readEnd(reader), typename: reader.text() };
    case codes.error:
    case codes.foreign:
      return {
        type: code === codes.error ? "error" : "foreign",
        ...readEnd(reader),
        exceptionText: reader.text(),
        tracebackText: reader.text(),
      };
    case codes.rescheduled:
      return { type: "rescheduled", orderId: reader.number() };
    case codes.aborted:
      return { type: "aborted", orderId: reader.number() };
    case codes.seceded:
      return { type: "seceded", orderId: reader.number() };
    case codes.stray:
      return { type: "stray", text: reader.text() };
    case codes.spoilt:
      return { type: "spoilt" };
    default:
      return assertNever(code);
  }
}

function readEnd(reader: BatchReader) {
  const orderId = reader.number();
  const startMs = reader.number();
  const stopMs = reader.number();
  const form = reader.number() as ValueForm;
  return { orderId, startMs, stopMs, form, frames: reader.frames() };
}
