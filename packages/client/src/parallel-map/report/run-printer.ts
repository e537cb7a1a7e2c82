// What a run prints while it goes on: what is computed and where, the bar, failures, where results
// are. Everything goes to standard error; the program's own output stays its own.
import type { FileOutput } from "../file-output.js";
import type { Inputs } from "../inputs.js";
import { mapLimits } from "../map-limits.js";
import { type FailedRun, failureText } from "./failure-report.js";
import type { LogFile, LogLevel } from "./log-file.js";
import type { MapReport } from "./map-report.js";
import { ProgressBar } from "./progress.js";

/** How a run begins. */
interface RunStart {
  /** What is odd about what was asked for. */
  readonly notes: readonly string[];
  /** Results of earlier runs. */
  readonly known: number;
}

export class RunPrinter {
  readonly #name: string;
  readonly #report: MapReport;
  readonly #prints: boolean;
  /** false: only what is odd; true: also what calls write. */
  readonly #verbose: boolean | undefined;
  /** Gets everything that is said, printed or not. */
  log: LogFile | undefined;
  #bar: ProgressBar | undefined;

  /** @param how - `prints` false: it prints nothing but what a signal asks for */
  constructor(
    name: string,
    report: MapReport,
    how: { readonly prints: boolean; readonly verbose?: boolean | undefined },
  ) {
    this.#name = name;
    this.#report = report;
    this.#prints = how.prints;
    this.#verbose = how.verbose;
  }

  say(text: string, level: LogLevel = "INFO"): void {
    this.log?.line(level, text);
    const isQuiet = this.#verbose === false && level !== "WARNING" && level !== "ERROR";
    if (!this.#prints || isQuiet) return;
    this.#bar?.clear();
    tell(text);
  }

  /** What one call wrote. */
  callLog(index: number, text: string): void {
    this.#bar?.clear();
    const lines = text.trimEnd().split("\n");
    process.stderr.write(lines.map((line) => `[${this.#name} ${index}] ${line}\n`).join(""));
  }

  /** The run has ended with an error, which whoever began it gets. */
  thrown(error: unknown): void {
    this.log?.line(
      "ERROR",
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    );
  }

  /** @param where - the cluster @param start - what there is to know besides */
  begin({ count, description }: Inputs, where: string, { notes, known }: RunStart): void {
    const calls = Number.isFinite(count) ? `${count} calls` : "calls";
    this.say(`${calls} of ${this.#name} on ${where}`);
    this.say(description);
    const of = Number.isFinite(count) ? ` of ${count}` : "";
    if (known > 0) this.say(`${known}${of} results are there already, from an earlier run`);
    for (const note of notes) this.say(note, "WARNING");
    if (!this.#prints || this.#verbose === false) return;
    this.#bar = new ProgressBar(count, process.stderr, undefined, known);
  }

  update(): void {
    const { done, failed, resumed } = this.#report;
    this.#bar?.update({ done: done + failed, failed, resumed });
  }

  end(): void {
    this.#bar?.end(this.#report.total);
    this.#bar = undefined;
  }

  failures(run: FailedRun): void {
    this.say(failureText(run), "WARNING");
  }

  results({ container, folder, fallbacks }: FileOutput): void {
    const { done, total } = this.#report;
    this.log?.line("ANNOUNCE", `${done} of ${total} calls of ${this.#name} are done`);
    this.say(`results are in ${container ?? folder}`);
    if (fallbacks.length === 0) return;
    const shown = fallbacks.slice(0, mapLimits.fallbacksTold).join(", ");
    const more = fallbacks.length > mapLimits.fallbacksTold ? ", …" : "";
    this.say(
      `${fallbacks.length} results cannot be stored as HDF5 and are msgpack: ${shown}${more}`,
      "WARNING",
    );
  }

  interrupted(signalName: string): void {
    this.#bar?.breakLine();
    const how = signalName === "SIGINT" ? "Ctrl-C" : signalName;
    tell(`${how}: cancelling; what is done is kept. A second one leaves at once`);
  }

  leaving(howToGoOn: string): void {
    const { done, failed, total } = this.#report;
    const of = Number.isFinite(total) ? ` of ${total}` : "";
    const failures = failed === 0 ? "" : `, ${failed} failed`;
    tell(`${done}${of} calls of ${this.#name} are done${failures}`);
    if (howToGoOn !== "") tell(howToGoOn);
  }
}

function tell(text: string): void {
  process.stderr.write(`acme: ${text}\n`);
}
