// Files of clients where the helper process can import them: it unfolds graphs that may name what is
// in them, as workers do, which have them by a plugin. A folder of its own, gone with the scheduler.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import type { UploadedFile } from "../shell/python-side.js";

/** Archives are imported from as a folder is. */
const archives = new Set([".egg", ".zip", ".pyz"]);

export class UploadedFiles {
  readonly #archives = new Set<string>();
  #folder: string | undefined;

  keep({ filename, data }: UploadedFile): void {
    this.#folder ??= mkdtempSync(join(tmpdir(), "acme-uploads-"));
    const file = join(this.#folder, filename);
    writeFileSync(file, data);
    if (archives.has(extname(filename))) this.#archives.add(file);
  }

  /** What Python's path needs. */
  get importFrom(): readonly string[] {
    return this.#folder === undefined ? [] : [this.#folder, ...this.#archives];
  }

  remove(): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
    this.#archives.clear();
  }
}
