// Where the worker's log lines go: pino, to stderr, since stdout belongs to the user's program.
// Also turns the entries of comm and of the core into lines.
import { createRequire } from "node:module";
import { type CommLogEntry, type Logger, lazyLogger, terminalLines } from "@acme/comm";
import type { LogEntry } from "../core/outbox.js";

export type { Logger };

const require = createRequire(import.meta.url);

export function makeLogger(name: string, level: string): Logger {
  const options = { name, level, base: { name, pid: process.pid } };
  return lazyLogger(level, () => {
    const { pino } = require("pino") as typeof import("pino");
    return pino(options, terminalLines() ?? pino.destination({ fd: 2, sync: true }));
  });
}

export function logCore(logger: Logger, { level, message, fields }: LogEntry): void {
  logger[level](fields ?? {}, message);
}

export function logComm(logger: Logger, { level, message, error, ...fields }: CommLogEntry): void {
  logger[level](error === undefined ? fields : { ...fields, err: error }, message);
}
