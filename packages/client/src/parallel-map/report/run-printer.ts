// What a run prints while it goes on: what is computed and where, the bar, failures, where results
// are. Everything goes to standard error; the program's own output stays its own.
import type { FileOutput } from "../file-output.js";
import type { Inputs } from "../inputs.js";
import { mapLimits } from "../map-limits.js";
import { type FailedRun, failureText } from "./failure-report.js";
import type { MapReport } from "./map-report.js";
import { ProgressBar } from "./progress.js";

export class RunPrinter {
  readonly #name: string;
  readonly #report: MapReport;
  readonly #prints: boolean;
  #bar: ProgressBar | undefined;

  /** @param prints - false: it prints nothing but what a signal asks for */
  constructor(name: string, report: MapReport, prints: boolean) {
    this.#name = name;
    this.#report = report;
    this.#prints = prints;
  }

  say(text: string): void {
    if (this.#prints) tell(text);
  }

  /** @param where - the cluster @param notes - what is odd about what was asked for */
  begin({ count, description }: Inputs, where: string, notes: readonly string[]): void {
    const calls = Number.isFinite(count) ? `${count} calls` : "calls";
    this.say(`${calls} of ${this.#name} on ${where}`);
    this.say(description);
    for (const note of notes) this.say(note);
    if (this.#prints) this.#bar = new ProgressBar(count, process.stderr);
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
    this.say(failureText(run));
  }

  results({ container, folder, fallbacks }: FileOutput): void {
    this.say(`results are in ${container ?? folder}`);
    if (fallbacks.length === 0) return;
    const shown = fallbacks.slice(0, mapLimits.fallbacksTold).join(", ");
    const more = fallbacks.length > mapLimits.fallbacksTold ? ", …" : "";
    this.say(
      `${fallbacks.length} results cannot be stored as HDF5 and are msgpack: ${shown}${more}`,
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
