// Real memory of a process and all its descendants, from /proc. Typed arrays are outside V8's
// heap limit, so only the operating system knows what a worker takes.
import { readdir, readFile } from "node:fs/promises";

/** Finding descendants takes many reads, so it is done once in so many measurements. */
const measurementsPerSearch = 5;

/** What a process and its descendants take. */
export interface TreeMemory {
  readonly treeBytes: number;
  readonly largest: { readonly pid: number; readonly bytes: number } | undefined;
}

/** Measures one process again and again. */
export class ProcessTree {
  readonly #pid: number;
  #descendants: number[] = [];
  #measurements = 0;

  constructor(pid: number) {
    this.#pid = pid;
  }

  /** Resident bytes of the process and its descendants, and which descendant takes most. */
  async measure(): Promise<TreeMemory> {
    if (this.#measurements % measurementsPerSearch === 0) {
      this.#descendants = await descendantsOf(this.#pid);
    }
    this.#measurements += 1;
    const own = await residentBytes(this.#pid);
    const descendants = await Promise.all(
      this.#descendants.map(async (pid) => ({ pid, bytes: await residentBytes(pid) })),
    );
    const treeBytes = descendants.reduce((sum, { bytes }) => sum + bytes, own);
    const largest = descendants.toSorted((a, b) => b.bytes - a.bytes)[0];
    return { treeBytes, largest };
  }
}

async function residentBytes(pid: number): Promise<number> {
  const kibibytes = /^VmRSS:\s*(\d+) kB/m.exec(await readOrEmpty(`/proc/${pid}/status`))?.[1];
  return Number(kibibytes ?? 0) * 1024;
}

async function descendantsOf(pid: number): Promise<number[]> {
  const children = await childrenOf(pid);
  const further = await Promise.all(children.map(descendantsOf));
  return [...children, ...further.flat()];
}

/** A child belongs to the thread that started it, and tasks run in threads. */
async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(
    threads.map((thread) => readOrEmpty(`/proc/${pid}/task/${thread}/children`)),
  );
  return lists.flatMap((list) => list.split(" ").filter(Boolean).map(Number));
}

/** A process may end between two looks. */
async function readOrEmpty(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return "";
  }
}
