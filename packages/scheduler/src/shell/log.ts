// Where the shell's log lines go: pino, to stderr, since stdout belongs to the user's program.
// What is worth a line is decided by the core and the rooms of the shell.
import { createRequire } from "node:module";
import { type CommLogEntry, type Logger, lazyLogger, terminalLines } from "@acme/comm";
import type { LogEntry } from "../core/index.js";

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";
export type { Logger };

const require = createRequire(import.meta.url);

export function makeLogger(level: LogLevel): Logger {
  const options = { name: "scheduler", level, base: { name: "scheduler", pid: process.pid } };
  return lazyLogger(level, () => {
    const { pino } = require("pino") as typeof import("pino");
    return pino(options, terminalLines() ?? pino.destination({ fd: 2, sync: true }));
  });
}

export function logCore(logger: Logger, { level, text, ...fields }: LogEntry): void {
  logger[level](fields, text);
}

export function logComm(logger: Logger, { level, message, error, ...fields }: CommLogEntry): void {
  logger[level](error === undefined ? fields : { ...fields, err: error }, message);
}
