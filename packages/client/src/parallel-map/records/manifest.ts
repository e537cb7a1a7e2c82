// The journal of a run, `.acme/manifest.ndjson`: one line per event, appended in batches by the
// one process that drives the run. It makes resuming fast and is never needed for it: what is true
// is in the result files, and a line that was torn by a crash is as good as none.
import { type FileHandle, open, readFile } from "node:fs/promises";
import { codeOf } from "../run-folder.js";
import { recordLimits } from "./record-limits.js";

/** One line. */
export type ManifestEntry =
  | { readonly state: "began"; readonly t: number; readonly session: number; readonly code: string }
  | {
      readonly state: "done";
      readonly t: number;
      readonly i: number;
      readonly file: string;
      readonly bytes: number;
      readonly crc32: number;
      readonly shapes?: readonly (readonly number[])[] | undefined;
      readonly code: string;
      readonly attempt?: number | undefined;
      readonly worker?: string | undefined;
      readonly host?: string | undefined;
      readonly job?: string | undefined;
      readonly ms?: number | undefined;
      /** Found on disk by a later session, which had no line about it. */
      readonly adopted?: true | undefined;
    }
  | {
      readonly state: "failed";
      readonly t: number;
      readonly i: number;
      readonly code: string;
      readonly error: string;
      readonly attempt?: number | undefined;
      readonly worker?: string | undefined;
      readonly host?: string | undefined;
      readonly job?: string | undefined;
    }
  | { readonly state: "ended"; readonly t: number; readonly outcome: string };

/** Reads a journal; an absent one is empty. */
export async function readManifest(path: string): Promise<ManifestEntry[]> {
  try {
    return parseManifest(await readFile(path, "utf8"));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}

/** The entries of a journal; lines that are no entry are left out. */
function parseManifest(text: string): ManifestEntry[] {
  const entries: ManifestEntry[] = [];
  for (const line of text.split("\n")) {
    const entry = parseLine(line);
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}

function parseLine(line: string): ManifestEntry | undefined {
  if (line === "") return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isEntry(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isEntry(value: unknown): value is ManifestEntry {
  if (typeof value !== "object" || value === null || !("state" in value)) return false;
  if (value.state === "began" || value.state === "ended") return true;
  if (!("i" in value) || !Number.isSafeInteger(value.i)) return false;
  if (value.state === "failed") return true;
  if (value.state !== "done" || !("file" in value) || !("bytes" in value)) return false;
  return typeof value.file === "string" && Number.isSafeInteger(value.bytes);
}

/** Appends to a journal; entries wait a moment for each other, and no caller for any of them. */
export class ManifestWriter {
  readonly #handle: FileHandle;
  readonly #onError: (error: unknown) => void;
  #waiting: string[] = [];
  #isTorn = false;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  private constructor(handle: FileHandle, onError: (error: unknown) => void) {
    this.#handle = handle;
    this.#onError = onError;
  }

  /**
   * Opens the journal, whose last line may be torn.
   *
   * @param onError - told when a batch cannot be written; its lines are lost, which costs time at
   *   the next session and nothing else
   */
  static async open(path: string, onError: (error: unknown) => void): Promise<ManifestWriter> {
    const handle = await open(path, "a");
    const writer = new ManifestWriter(handle, onError);
    writer.#isTorn = (await handle.stat()).size > 0;
    return writer;
  }

  add(entry: ManifestEntry): void {
    this.#waiting.push(JSON.stringify(entry));
    this.#timer ??= setTimeout(() => this.#flush(), recordLimits.manifestBatchMs);
  }

  /** Everything that was added is on the disk. */
  async sync(): Promise<void> {
    this.#flush();
    await this.#writing;
    await this.#handle.sync().catch(this.#onError);
  }

  async close(): Promise<void> {
    this.#flush();
    await this.#writing;
    await this.#handle.close();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length === 0) return;
    const text = `${this.#waiting.join("\n")}\n`;
    this.#waiting = [];
    this.#writing = this.#writing.then(async () => {
      // Half a line before these would swallow the first of them.
      const start = this.#isTorn ? "\n" : "";
      try {
        await this.#handle.appendFile(start + text);
        this.#isTorn = false;
      } catch (error) {
        this.#isTorn = true;
        this.#onError(error);
      }
    });
  }
}
