// The journal of a run, `.acme/manifest.ndjson`: one line per event, appended in batches by the
// one process that drives the run. It makes resuming fast and is never needed for it: what is true
// is in the result files, and a line that was torn by a crash is as good as none.
import { type FileHandle, open } from "node:fs/promises";
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

/** Appends to a journal; entries wait a moment for each other, and no caller for any of them. */
export class ManifestWriter {
  readonly #handle: FileHandle;
  readonly #onError: (error: unknown) => void;
  #waiting: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  private constructor(handle: FileHandle, onError: (error: unknown) => void) {
    this.#handle = handle;
    this.#onError = onError;
  }

  /**
   * Opens the journal, whose last line may be torn.
   *
   * @param onError - told when a batch cannot be written, so that nobody waits for the end
   */
  static async open(path: string, onError: (error: unknown) => void): Promise<ManifestWriter> {
    const handle = await open(path, "a");
    const writer = new ManifestWriter(handle, onError);
    // Ends a torn line, which would swallow the next one.
    if ((await handle.stat()).size > 0) writer.#waiting.push("");
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
    await this.#handle.sync();
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
      try {
        await this.#handle.appendFile(text);
      } catch (error) {
        this.#onError(error);
      }
    });
  }
}
