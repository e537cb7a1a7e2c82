// The log of a run for people, beside its results: one line per event, as they are printed, with
// the time and the level in front. A log that cannot be written ends no run.
import { appendFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ArgumentError } from "../../errors.js";

export type LogLevel = "DEBUG" | "INFO" | "ANNOUNCE" | "WARNING" | "ERROR";

/** Where the log of a run goes. */
export interface LogPlace {
  /** The option: default is a log beside results in files. */
  readonly logfile: boolean | string | undefined;
  /** Folder of the results; undefined where there is none. */
  readonly folder: string | undefined;
  /** The function's name in file names. */
  readonly name: string;
}

/**
 * The path of the log.
 *
 * @returns undefined if there is to be none
 * @throws ArgumentError for a path that is a folder
 */
export async function logPath({ logfile, folder, name }: LogPlace): Promise<string | undefined> {
  if (typeof logfile === "string") {
    const path = resolve(logfile);
    const found = await stat(path).catch(() => undefined);
    if (found?.isDirectory()) throw new ArgumentError(`logfile ${path} is a folder: name a file`);
    return path;
  }
  if (logfile === false || (logfile === undefined && folder === undefined)) return undefined;
  return join(folder ?? resolve("."), `ACME_${name}_${stamp(new Date())}.log`);
}

export class LogFile {
  readonly #path: string;
  #waiting = "";
  #writing: Promise<void> | undefined;
  #isHeld = true;

  constructor(path: string) {
    this.#path = path;
  }

  /** Costs no I/O; lines are written in their order. */
  line(level: LogLevel, text: string): void {
    this.#waiting += `${new Date().toISOString()} ${level.padEnd(8)} ${text}\n`;
    if (!this.#isHeld) this.#writing ??= this.#write();
  }

  /** Lines are kept back until now: a run that cannot begin leaves nothing behind. */
  begin(): void {
    this.#isHeld = false;
    if (this.#waiting !== "") this.#writing ??= this.#write();
  }

  /** Everything is written. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    // Lines that are said together are written together.
    await new Promise((done) => setImmediate(done));
    while (this.#waiting !== "") {
      const text = this.#waiting;
      this.#waiting = "";
      await appendFile(this.#path, text).catch(() => {});
    }
    this.#writing = undefined;
  }
}

/** `20260131-142501` */
function stamp(now: Date): string {
  const pad = (value: number) => String(value).padStart(2, "0");
  const day = [now.getFullYear(), pad(now.getMonth() + 1), pad(now.getDate())].join("");
  return `${day}-${[now.getHours(), now.getMinutes(), now.getSeconds()].map(pad).join("")}`;
}
