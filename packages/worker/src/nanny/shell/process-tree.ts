// Real memory of a process and all its descendants, from /proc. Typed arrays are outside V8's
// heap limit, so only the operating system knows what a worker takes.
import { readFile } from "node:fs/promises";

const pageBytes = 4096;

/** Resident bytes of the process and its descendants; 0 once it is gone. */
export async function treeMemoryBytes(pid: number): Promise<number> {
  let bytes = 0;
  const waiting = [pid];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    bytes += await residentBytes(next);
    waiting.push(...(await childrenOf(next)));
  }
  return bytes;
}

async function residentBytes(pid: number): Promise<number> {
  const fields = (await readOrEmpty(`/proc/${pid}/statm`)).split(" ");
  return Number(fields[1] ?? 0) * pageBytes;
}

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readOrEmpty(`/proc/${pid}/task/${pid}/children`);
  return text.split(" ").filter(Boolean).map(Number);
}

/** A process may end between two looks. */
async function readOrEmpty(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return "";
  }
}
