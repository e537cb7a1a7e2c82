// Whether a process sees the folder of a run: the run's own record must be there, with its id, and
// the folder of the results must be writable. Sent to workers by reference before the first call.
import { access, constants, readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { codeOf } from "../run-folder.js";

export interface FolderSign {
  /** Path of `run.json`, and the id that it must name. */
  readonly run: string;
  readonly runId: string;
  readonly payload: string;
}

/** What one worker says. */
export interface FolderView {
  readonly host: string;
  /** Undefined if all is well. */
  readonly problem?: string;
}

/** Runs on a worker. */
export async function viewFolder({ run, runId, payload }: FolderSign): Promise<FolderView> {
  const host = hostname();
  try {
    const { runId: there } = JSON.parse(await readFile(run, "utf8")) as { runId?: unknown };
    if (there !== runId) return { host, problem: "it sees another folder of that name" };
    await access(payload, constants.W_OK);
    return { host };
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT") return { host, problem: "it does not see the folder" };
    const problem =
      code === "EACCES" || code === "EROFS" ? "it may not write there" : String(error);
    return { host, problem };
  }
}
