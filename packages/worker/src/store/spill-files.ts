// Values on disk: one file per spilled value, in dask's framing. Knows files, not when to spill.
// The folder belongs to one worker process and is removed with it.
import { mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  AcmeError,
  decodeMessage,
  encodeMessage,
  FrameParser,
  frameHeader,
  Pickled,
  Serialized,
} from "@acme/protocol";

/** Read at once where frames are small. */
const chunkBytes = 64 * 2 ** 10;

/** A value as bytes that nobody here opens. */
export type StoredValue = Serialized | Pickled;

/** A value could not be written to or read from the spill folder. */
class SpillError extends AcmeError {
  readonly code = "SPILL_FAILED";
  readonly path: string;

  constructor(action: "write" | "read", path: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`Cannot ${action} a spilled value at ${path}: ${why}. ${remedy(action, cause)}`, {
      cause,
    });
    this.path = path;
  }
}

function remedy(action: "write" | "read", cause: unknown): string {
  if (action === "read") return "It is lost to this worker; check the disk.";
  const { code } = (cause ?? {}) as { code?: unknown };
  const isFull = code === "ENOSPC" || code === "EDQUOT";
  return isFull
    ? "Free space there, start the worker with a --local-directory on a larger disk, or add workers."
    : "Check the rights of the folder, or start the worker with another --local-directory.";
}

/** Where a spilled value lies. */
export interface SpillFile {
  readonly path: string;
  readonly bytes: number;
}

export class SpillFiles {
  readonly folder: string;
  #made: Promise<unknown> | undefined;
  #last = 0;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** @throws SpillError; nothing is left behind then */
  async write(value: StoredValue): Promise<SpillFile> {
    this.#last += 1;
    const path = join(this.folder, `${this.#last}.value`);
    try {
      await this.#makeFolder();
      const frames = encodeMessage([value]);
      return { path, bytes: await writeAll(path, [frameHeader(frames), ...frames]) };
    } catch (cause) {
      // What matters is why it could not be written, not why nothing can be removed.
      await rm(path, { force: true }).catch(() => {});
      throw new SpillError("write", path, cause);
    }
  }

  /** @throws SpillError */
  async read({ path }: SpillFile): Promise<StoredValue> {
    try {
      return await readValue(path);
    } catch (cause) {
      throw new SpillError("read", path, cause);
    }
  }

  async remove({ path }: SpillFile): Promise<void> {
    await rm(path, { force: true });
  }

  /** Once; again after a failure, because a full or missing disk may come back. */
  async #makeFolder(): Promise<void> {
    this.#made ??= mkdir(this.folder, { recursive: true, mode: 0o700 });
    try {
      await this.#made;
    } catch (error) {
      this.#made = undefined;
      throw error;
    }
  }

  async removeAll(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function writeAll(path: string, parts: readonly Uint8Array[]): Promise<number> {
  const file = await open(path, "wx", 0o600);
  try {
    let bytes = 0;
    for (const part of parts) {
      let at = 0;
      while (at < part.byteLength) {
        const { bytesWritten } = await file.write(part, at, part.byteLength - at);
        at += bytesWritten;
      }
      bytes += part.byteLength;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

/** Large frames are read to where they stay: a copy of each would count against the memory limit. */
async function readValue(path: string): Promise<StoredValue> {
  const found: StoredValue[] = [];
  const parser = new FrameParser({
    onMessage: (frames) => {
      const [value] = decodeMessage(frames) as unknown[];
      if (value instanceof Serialized || value instanceof Pickled) found.push(value);
    },
    allocate: (length) => new Uint8Array(new SharedArrayBuffer(length)),
  });
  const file = await open(path, "r");
  try {
    const chunk = new Uint8Array(chunkBytes);
    for (;;) {
      const wanted = parser.want();
      const target = wanted ?? chunk;
      const { bytesRead } = await file.read(target, 0, target.byteLength);
      if (bytesRead === 0) break;
      if (wanted === undefined) parser.push(chunk.subarray(0, bytesRead));
      else parser.filled(bytesRead);
    }
  } finally {
    await file.close();
  }
  parser.end();
  const value = found[0];
  if (value === undefined) throw new Error("the file holds no value");
  return value;
}
