// Who is working on a run: numbered tokens in its records, the highest of which counts. A number is
// made once, by a hard link that succeeds for one process only, and never again, so that of two who
// find a dead owner one wins. Nothing here knows what the run is.
import { type FileHandle, open, readdir, readFile, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { Hdf5Error, publishBytes } from "@acme/hdf5";
import { codeOf } from "../run-folder.js";
import { RunFolderLostError, RunInUseError } from "./record-errors.js";
import { recordLimits } from "./record-limits.js";

interface Token {
  readonly host: string;
  readonly pid: number;
  readonly started: string;
  /** Tells a process from a later one with its id, and a machine from itself before a restart. */
  readonly birth: string;
  readonly released: boolean;
}

const tokenPath = (folder: string, number: number) => join(folder, `owner-${number}.json`);

/** What this process holds while it works on a run. */
export class OwnerToken {
  readonly #folder: string;
  readonly #number: number;
  readonly #token: Token;

  private constructor(folder: string, number: number, token: Token) {
    this.#folder = folder;
    this.#number = number;
    this.#token = token;
  }

  /**
   * Takes a run over from whoever has let it go, or is dead.
   *
   * @param folder - the folder of its records
   * @throws RunInUseError if its owner lives
   */
  static async claim(folder: string): Promise<OwnerToken> {
    const started = new Date().toISOString();
    const birth = await birthOf(process.pid);
    const token = { host: hostname(), pid: process.pid, started, birth, released: false };
    for (let tries = 1; tries <= recordLimits.claims; tries++) {
      const numbers = await numbersIn(folder);
      const newest = numbers.at(-1) ?? 0;
      if (newest > 0) await refuseLiving(folder, newest);
      const mine = new OwnerToken(folder, newest + 1, token);
      if (await mine.#publish()) return mine;
    }
    throw new RunFolderLostError(
      folder,
      "others keep taking it: run this again when they are done",
    );
  }

  /** True if nobody was faster. */
  async #publish(): Promise<boolean> {
    const path = tokenPath(this.#folder, this.#number);
    try {
      if (!(await publishBytes(path, [this.#bytes(false)])).published) return false;
    } catch (error) {
      // Whoever was faster has tidied up, and taken what we were writing along.
      if (error instanceof Hdf5Error && error.fields.systemCode === "ENOENT") return false;
      throw error;
    }
    const numbers = await numbersIn(this.#folder);
    // A number is free again once its owner's successor has tidied up: then that one counts.
    if (numbers.at(-1) !== this.#number) {
      await rm(path, { force: true });
      return false;
    }
    for (const number of numbers.slice(0, -1)) {
      await rm(tokenPath(this.#folder, number), { force: true });
    }
    return true;
  }

  /**
   * Says that the owner is alive.
   *
   * @throws RunFolderLostError if the token, or the folder, is gone
   */
  async refresh(): Promise<void> {
    let handle: FileHandle;
    try {
      handle = await open(tokenPath(this.#folder, this.#number), "r+");
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw error;
      const isThere = (await numbersIn(this.#folder).catch(() => [])).length > 0;
      const why = isThere ? "another process has taken the run over" : "it was deleted or moved";
      throw new RunFolderLostError(this.#folder, why, error);
    }
    try {
      // The same bytes in the same place: readers never see half of it, and the server's clock ticks.
      await handle.write(this.#bytes(false), 0, undefined, 0);
    } finally {
      await handle.close();
    }
  }

  async release(): Promise<void> {
    // In place and as long as before, since there may be no room on the disk for anything new.
    const handle = await open(tokenPath(this.#folder, this.#number), "r+");
    try {
      await handle.write(this.#bytes(true), 0, undefined, 0);
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  #bytes(released: boolean): Buffer {
    const text = JSON.stringify({ ...this.#token, released });
    return Buffer.from(`${text}${released ? " " : ""}\n`);
  }
}

/** Whether a living process works on the run with these records. */
export async function isOwned(folder: string): Promise<boolean> {
  try {
    const newest = (await numbersIn(folder)).at(-1);
    if (newest !== undefined) await refuseLiving(folder, newest);
    return false;
  } catch (error) {
    if (error instanceof RunInUseError) return true;
    if (codeOf(error) === "ENOENT") return false;
    throw error;
  }
}

async function numbersIn(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  const numbers = names.flatMap((name) => {
    const digits = /^owner-(\d+)\.json$/.exec(name)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });
  return numbers.sort((a, b) => a - b);
}

async function refuseLiving(folder: string, number: number): Promise<void> {
  const path = tokenPath(folder, number);
  let token: Token;
  try {
    token = JSON.parse(await readFile(path, "utf8")) as Token;
  } catch {
    // Gone meanwhile, or emptied by a loss of power, of which its owner died.
    return;
  }
  if (token.released) return;
  const lives =
    token.host === hostname() ? await livesHere(token) : await spokeLately(folder, path);
  if (lives) throw new RunInUseError(folder, token);
}

async function livesHere({ pid, birth }: Token): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) === "ESRCH") return false;
  }
  const now = await birthOf(pid);
  return now === "" || birth === "" || now === birth;
}

/** Measured by the file system's own clock, which hosts need not agree with. */
async function spokeLately(folder: string, path: string): Promise<boolean> {
  const probe = join(folder, `.probe.${process.pid}.0.tmp`);
  try {
    await (await open(probe, "w")).close();
    const [now, then] = [await stat(probe), await stat(path)];
    return now.mtimeMs - then.mtimeMs < recordLimits.silentMs;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw error;
  } finally {
    await rm(probe, { force: true });
  }
}

/** When a process and its machine were started; empty where the system does not tell. */
async function birthOf(pid: number): Promise<string> {
  try {
    const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
    const line = await readFile(`/proc/${pid}/stat`, "utf8");
    const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
    return `${boot.trim()} ${fields[19]}`;
  } catch {
    return "";
  }
}
