// The end of a job's own output, from the file that the batch system writes.
// Must not know what the job was.
import { open } from "node:fs/promises";

/** Empty when there is none: the job may not have started, or its node cannot write there. */
export async function readTail(path: string | null, bytes: number): Promise<string> {
  if (path === null) return "";
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    const length = Math.min(size, bytes);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const text = buffer.toString("utf8").trimEnd();
    // The first line is only a part of one.
    return length < size ? text.slice(text.indexOf("\n") + 1) : text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== undefined) return "";
    throw error;
  }
}
