// One JSON file per failed call, `.acme/errors/<f>_<i>.json`: what it threw, where. Written in the
// background, a bounded number of them; those of calls that are done by now are removed.
import { mkdir, readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { publishBytes } from "@acme/hdf5";
import { codeOf } from "../run-folder.js";
import { recordLimits } from "./record-limits.js";
import type { CallFailure } from "./run-records.js";

export class ErrorFiles {
  readonly #folder: string;
  readonly #name: string;
  /** Calls that have a file. */
  readonly #there: Set<number>;
  #work: Promise<void> = Promise.resolve();

  private constructor(folder: string, name: string, there: Set<number>) {
    this.#folder = folder;
    this.#name = name;
    this.#there = there;
  }

  static async open(folder: string, name: string): Promise<ErrorFiles> {
    const there = new Set<number>();
    for (const file of await filesIn(folder)) {
      const digits = /_(\d+)\.json$/.exec(file)?.[1];
      if (digits !== undefined) there.add(Number(digits));
    }
    return new ErrorFiles(folder, name, there);
  }

  keep(index: number, failure: CallFailure): void {
    if (this.#there.size >= recordLimits.errorFiles && !this.#there.has(index)) return;
    this.#there.add(index);
    const text = `${JSON.stringify(describe(index, failure), null, 2)}\n`;
    this.#then(async () => {
      await mkdir(this.#folder, { recursive: true });
      const how = { replace: true, syncsFile: false };
      await publishBytes(this.#path(index), [Buffer.from(text)], how);
    });
  }

  forget(index: number): void {
    if (this.#there.delete(index)) this.#then(() => unlink(this.#path(index)));
  }

  /** Everything is written that could be. */
  async settled(): Promise<void> {
    await this.#work;
  }

  /** A file that cannot be written costs no run: the error is in the report all the same. */
  #then(act: () => Promise<void>): void {
    this.#work = this.#work.then(act).catch(() => undefined);
  }

  #path(index: number): string {
    return join(this.#folder, `${this.#name}_${index}.json`);
  }
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}

function describe(index: number, { error, ...facts }: CallFailure) {
  const { name, message, stack } = error;
  const code = "code" in error ? { code: String(error.code) } : {};
  return { index, failed: new Date().toISOString(), name, message, ...code, stack, ...facts };
}
