// Shows how far a map is: a bar like tqdm's on a terminal, a line now and then elsewhere. Costs
// next to nothing per call, so that a hundred thousand fast ones are not slowed down.
import { mapLimits } from "../map-limits.js";

/** Where it is shown; `process.stderr` fits. */
export interface ProgressStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** Calls that have ended, and those among them that are not of this run's making. */
export interface ProgressCounts {
  /** Failed ones included. */
  readonly done: number;
  readonly failed: number;
  /** Done by an earlier run; they say nothing of how fast this one is. */
  readonly resumed?: number | undefined;
}

export interface ProgressState extends ProgressCounts {
  /** Infinity: nobody knows. */
  readonly total: number;
  readonly elapsedMs: number;
}

export class ProgressBar {
  #total: number;
  readonly #stream: ProgressStream;
  readonly #nowMs: () => number;
  readonly #startMs: number;
  readonly #everyMs: number;
  readonly #tick: NodeJS.Timeout;
  #nextMs: number;
  #counts: ProgressCounts;

  /** @param resumed - calls that an earlier run has done */
  constructor(total: number, stream: ProgressStream, nowMs = () => performance.now(), resumed = 0) {
    this.#total = total;
    this.#counts = { done: resumed, failed: 0, resumed };
    this.#stream = stream;
    this.#nowMs = nowMs;
    this.#startMs = nowMs();
    this.#everyMs = stream.isTTY ? mapLimits.barMs : mapLimits.lineMs;
    this.#nextMs = this.#startMs + this.#everyMs;
    // The time goes on although nothing ends; waiting for it keeps no process alive.
    this.#tick = setInterval(() => this.#show(), Math.max(this.#everyMs, 1_000)).unref();
    if (stream.isTTY) this.#show();
  }

  update(counts: ProgressCounts): void {
    this.#counts = counts;
    if (this.#nowMs() >= this.#nextMs) this.#show();
  }

  /** Shows the final state and ends the line. @param total - as is known by now */
  end(total = this.#total): void {
    clearInterval(this.#tick);
    this.#total = total;
    this.#show();
    this.breakLine();
  }

  /** What is written next stands in its place; it comes again below that. */
  clear(): void {
    if (this.#stream.isTTY) this.#stream.write("\r\u001b[K");
  }

  /** What is written next begins a line of its own. */
  breakLine(): void {
    if (this.#stream.isTTY) this.#stream.write("\n");
  }

  #show(): void {
    const nowMs = this.#nowMs();
    this.#nextMs = nowMs + this.#everyMs;
    const elapsedMs = nowMs - this.#startMs;
    const state = { ...this.#counts, total: this.#total, elapsedMs };
    if (!this.#stream.isTTY) {
      this.#stream.write(`acme: ${progressText(state)}\n`);
      return;
    }
    // A terminal that does not tell its width says 0.
    this.#stream.write(`\r${progressBar(state, this.#stream.columns || 80)}\u001b[K`);
  }
}

/**
 * ` 100%|####| 21/21 [01:46<00:00, 5.0it/s]`, as wide as the terminal and never wider: a line that
 * breaks cannot be written over.
 */
export function progressBar(state: ProgressState, columns: number): string {
  // A Ctrl-C shows as two more columns.
  const room = Math.max(columns - 3, 0);
  if (!Number.isFinite(state.total)) return progressText(state).slice(0, room);
  const share = state.total === 0 ? 1 : state.done / state.total;
  const left = `${Math.floor(share * 100)}%|`.padStart(6);
  const right = `| ${progressText(state)}`;
  const width = Math.min(room, mapLimits.barColumnsMax) - left.length - right.length;
  if (width < 0) return narrowText(state).slice(0, room);
  const filled = Math.floor(width * share);
  return left + "#".repeat(filled) + " ".repeat(width - filled) + right;
}

/** `21/21 [01:46<00:00, 5.0it/s]` */
function progressText(state: ProgressState): string {
  const { done, failed, total, elapsedMs } = state;
  const failures = failed === 0 ? "" : `, ${failed} failed`;
  const counts = Number.isFinite(total) ? `${done}/${total}` : `${done}`;
  const perSecond = rate(speed(state));
  return `${counts} [${clock(elapsedMs / 1_000)}<${timeLeft(state)}, ${perSecond}${failures}]`;
}

/** `21/30 <00:03, 2 failed`: what matters most, for terminals with room for nothing else. */
function narrowText(state: ProgressState): string {
  const { done, failed, total } = state;
  return `${done}/${total} <${timeLeft(state)}${failed === 0 ? "" : `, ${failed} failed`}`;
}

/** Calls per second; those of earlier runs do not count. */
function speed({ done, resumed = 0, elapsedMs }: ProgressState): number {
  return elapsedMs > 0 ? ((done - resumed) / elapsedMs) * 1_000 : 0;
}

function timeLeft(state: ProgressState): string {
  const { done, total } = state;
  const perSecond = speed(state);
  if (done === total) return clock(0);
  return perSecond > 0 && Number.isFinite(total) ? clock((total - done) / perSecond) : "?";
}

function rate(perSecond: number): string {
  if (perSecond === 0) return "?it/s";
  if (perSecond < 1) return `${(1 / perSecond).toFixed(1)}s/it`;
  return `${perSecond.toFixed(perSecond < 100 ? 1 : 0)}it/s`;
}

/** `01:46`, and `1:02:03` from an hour on. */
function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const pad = (part: number) => String(part).padStart(2, "0");
  const minutes = `${pad(Math.floor(whole / 60) % 60)}:${pad(whole % 60)}`;
  return whole < 3_600 ? minutes : `${Math.floor(whole / 3_600)}:${minutes}`;
}
