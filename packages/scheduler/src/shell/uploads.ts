// Files that clients uploaded: whoever unfolds graphs beside the workers needs them too, those that
// came before it was started included. Bounded; the oldest go first.
import { shellLimits } from "./limits.js";
import type { UploadedFile } from "./python-side.js";

export class Uploads {
  readonly #files = new Map<string, UploadedFile>();
  readonly #onFile: Set<(file: UploadedFile) => void> = new Set();
  #bytes = 0;

  /** All files there are, oldest first; later ones go to the listener. */
  follow(onFile: (file: UploadedFile) => void): readonly UploadedFile[] {
    this.#onFile.add(onFile);
    return [...this.#files.values()];
  }

  /** @param name - of the plugin that brought it */
  add(name: string, file: UploadedFile): void {
    this.drop(name);
    // Never a view into what it was received with.
    const kept = { ...file, data: file.data.slice() };
    this.#files.set(name, kept);
    this.#bytes += kept.data.byteLength;
    for (const oldest of this.#files.keys()) {
      if (this.#bytes <= shellLimits.uploadBytes || oldest === name) break;
      this.drop(oldest);
    }
    for (const onFile of this.#onFile) onFile(kept);
  }

  /** True if there was one. */
  drop(name: string): boolean {
    this.#bytes -= this.#files.get(name)?.data.byteLength ?? 0;
    return this.#files.delete(name);
  }
}
