// What one call writes: to a file of its own where results are files, with the last of it kept for a
// report of its failure. Bounded, since a call may write in a loop.
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { mapLimits } from "../map-limits.js";

export interface LogRules {
  /** The function's name in file names. */
  readonly name: string;
  /** Folder of the logs; null: none are kept. */
  readonly logs: string | null;
  /** What is written goes back with the result, too. */
  readonly isShown: boolean;
}

export class CallLog {
  tail = "";
  shown = "";
  readonly #isShown: boolean;
  #file: number | undefined;
  #room: number = mapLimits.logBytes;

  constructor({ name, logs, isShown }: LogRules, index: number, attempt: number) {
    this.#isShown = isShown;
    this.#file = logs === null ? undefined : openLog(logs, `${name}_${index}.log`);
    if (attempt > 1) this.#keep(`--- attempt ${attempt} ---\n`);
  }

  write(text: string): void {
    this.tail = (this.tail + text).slice(-mapLimits.logTailChars);
    if (this.#isShown) this.shown = (this.shown + text).slice(0, mapLimits.logShownChars);
    this.#keep(text);
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  /** At once, so that it is there when the process dies in the next line. */
  #keep(text: string): void {
    if (this.#file === undefined || this.#room <= 0) return;
    const bytes = Buffer.from(text);
    this.#room -= bytes.length;
    const cut = `… more than ${mapLimits.logBytes} bytes are not kept\n`;
    try {
      writeSync(this.#file, this.#room > 0 ? bytes : Buffer.from(cut));
    } catch {
      // A full disk is told by the result that cannot be written; a log is no reason to fail.
      this.#room = 0;
    }
  }
}

function openLog(folder: string, name: string): number | undefined {
  try {
    mkdirSync(folder, { recursive: true });
    return openSync(join(folder, name), "a");
  } catch {
    return undefined;
  }
}
