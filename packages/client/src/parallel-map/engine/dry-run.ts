// One call of a map in this process, to see whether it works and what it takes, before all are
// made. Nothing of it is kept.
import { randomInt } from "node:crypto";
import { AcmeError } from "@acme/protocol";
import { askUser, hasTerminal } from "../../ask-user.js";
import { ArgumentError } from "../../errors.js";
import { CurrentCall } from "../calls/current-call.js";
import { settled } from "../calls/settled.js";
import { callArguments, type Inputs } from "../inputs.js";
import { mapLimits } from "../map-limits.js";
import { fileNameOf } from "../run-folder.js";

type AnyFunction = (...args: never[]) => unknown;

/** What one call took. */
export interface DryRunReport {
  /** Which call it was. */
  readonly index: number;
  readonly seconds: number;
  /** Bytes that this process has grown by. */
  readonly memoryBytes: number;
}

/** Whoever was asked after a dry run does not want the rest. */
export class DryRunDeclinedError extends AcmeError {
  readonly code = "DRY_RUN_DECLINED";

  constructor() {
    super("no call was sent: the dry run was answered with no");
  }
}

/** @throws what the call throws; ArgumentError if there is none */
export async function dryRun(fn: AnyFunction, inputs: Inputs): Promise<DryRunReport> {
  if (inputs.count === 0) throw new ArgumentError("there are no calls to try");
  const index = Number.isFinite(inputs.count) ? randomInt(inputs.count) : 0;
  const args = callArguments(inputs, index) as never[];
  const rules = { name: fileNameOf(fn), seed: 0, outputDir: null, logs: null, isShown: false };
  const call = new CurrentCall(rules, { index, attempt: 1, timeLimitMs: undefined });
  const before = process.memoryUsage.rss();
  const startMs = performance.now();
  await call.run(() => settled(fn(...args)));
  const seconds = (performance.now() - startMs) / 1_000;
  return { index, seconds, memoryBytes: Math.max(0, process.memoryUsage.rss() - before) };
}

/** `one call, number 3, took 0.20 s and 12 MB` */
export function dryRunText({ index, seconds, memoryBytes }: DryRunReport): string {
  const megabytes = memoryBytes / 1e6;
  const memory =
    megabytes > 1_000 ? `${(megabytes / 1_000).toFixed(2)} GB` : `${megabytes.toFixed(0)} MB`;
  return `one call, number ${index}, took ${seconds.toFixed(2)} s and ${memory} in this process`;
}

/** Asks on a terminal whether to go on; elsewhere the answer is yes. @throws DryRunDeclinedError */
export async function askToGoOn(isInteractive: boolean): Promise<void> {
  if (!isInteractive || !hasTerminal()) return;
  const { answerMs: waitMs } = mapLimits;
  const question = { text: "acme: make all calls, [y]es or [n]o?", answers: ["y", "n"], waitMs };
  if ((await askUser(question)) === "n") throw new DryRunDeclinedError();
}
