// What processes and folders really take, as the operating system tells it, sampled while
// something else runs. It must not know what that is.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const pageBytes = 4096;
const sampleMs = 50;

/** Resident bytes of a process; 0 once it is gone. */
export function residentBytes(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]) * pageBytes;
  } catch {
    return 0;
  }
}

/** Bytes of all files below a folder; files that go meanwhile are not counted. */
function folderBytes(folder: string): number {
  let bytes = 0;
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      bytes += entry.isDirectory() ? folderBytes(path) : statSync(path).size;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  return bytes;
}

/** The largest values seen, and every process there was. */
export class PeakWatch {
  peakWorkerBytes = 0;
  peakHostBytes = 0;
  peakFolderBytes = 0;
  readonly pids = new Set<number>();
  readonly #timer: NodeJS.Timeout;

  constructor(pids: () => readonly number[], folder: string) {
    this.#timer = setInterval(() => {
      this.peakHostBytes = Math.max(this.peakHostBytes, residentBytes(process.pid));
      for (const pid of pids()) {
        this.pids.add(pid);
        this.peakWorkerBytes = Math.max(this.peakWorkerBytes, residentBytes(pid));
      }
      this.peakFolderBytes = Math.max(this.peakFolderBytes, folderBytes(folder));
    }, sampleMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
