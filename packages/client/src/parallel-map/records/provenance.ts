// How the results came about, for whoever finds them in five years: who, when, where, with which
// code, inputs, options and versions. Written as JSON beside the results and, the gist of it, as
// attributes of the container. Nothing reads it back.
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { hostname, userInfo } from "node:os";
import type { Attributes } from "@acme/hdf5";
import { recordLimits } from "./record-limits.js";
import type { RunFile } from "./run-file.js";
import type { CallFacts, SessionFacts } from "./run-records.js";

const require = createRequire(import.meta.url);
const { version } = require("@acme/client/package.json") as { version: string };

/** The commit of the folder that the program was started in. */
interface Commit {
  readonly commit: string;
  /** There were changes that are in no commit. */
  readonly modified: boolean;
}

/** What is known when a session begins. */
export interface SessionStart {
  readonly user: string;
  readonly host: string;
  readonly pid: number;
  readonly folder: string;
  readonly command: readonly string[];
  readonly git: Commit | undefined;
  readonly versions: { readonly acme: string; readonly node: string; readonly platform: string };
  readonly jobId: string | undefined;
  readonly started: string;
}

export async function sessionStart(): Promise<SessionStart> {
  return {
    user: userName(),
    host: hostname(),
    pid: process.pid,
    folder: process.cwd(),
    command: [...process.argv],
    git: await currentCommit(process.cwd()),
    versions: {
      acme: version,
      node: process.versions.node,
      platform: `${process.platform} ${process.arch}`,
    },
    jobId: process.env.SLURM_JOB_ID ?? process.env.PBS_JOBID ?? process.env.JOB_ID,
    started: new Date().toISOString(),
  };
}

/** A process in a container may run as a user without a name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "unknown");
  }
}

async function currentCommit(folder: string): Promise<Commit | undefined> {
  const git = (...args: string[]) =>
    new Promise<string | undefined>((resolve) => {
      const options = { cwd: folder, timeout: recordLimits.gitMs };
      execFile("git", args, options, (error, stdout) => resolve(error ? undefined : stdout.trim()));
    });
  const [commit, changes] = await Promise.all([
    git("rev-parse", "HEAD"),
    git("status", "--porcelain", "--untracked-files=no"),
  ]);
  return commit === undefined ? undefined : { commit, modified: changes !== "" };
}

/** What the container says of the session that it was written by. */
export function provenanceAttributes(run: RunFile, start: SessionStart): Attributes {
  const { git, user, host, command } = start;
  return {
    run_id: run.runId,
    user,
    host,
    command: command.join(" "),
    code_hash: run.code.at(-1)?.sha256 ?? "",
    inputs_hash: run.inputs.sha256,
    run_seed: BigInt(run.seed ?? 0),
    ...(git === undefined ? {} : { git_commit: git.modified ? `${git.commit}+` : git.commit }),
  };
}

/** Sums up where the calls of one session ran. */
export class CallSummary {
  readonly #hosts = new Set<string>();
  readonly #jobs = new Set<string>();
  #done = 0;
  #failed = 0;
  #durationMs = 0;

  add(outcome: "done" | "failed", { host, jobId, durationMs }: CallFacts): void {
    if (outcome === "done") this.#done += 1;
    else this.#failed += 1;
    this.#durationMs += durationMs ?? 0;
    if (host !== undefined) this.#hosts.add(host);
    if (jobId !== undefined) this.#jobs.add(jobId);
  }

  facts() {
    return {
      computed: this.#done,
      failed: this.#failed,
      computeSeconds: this.#durationMs / 1_000,
      hosts: [...this.#hosts].sort(),
      jobIds: [...this.#jobs].sort(),
    };
  }
}

/** One session in `provenance.json`. */
export interface SessionRecord {
  readonly session: number;
  readonly start: SessionStart;
  readonly where: SessionFacts | undefined;
  readonly options: unknown;
  readonly codeHash: string;
  /** Results of earlier sessions that were there at the start. */
  readonly found: number;
  readonly ended?: string;
  readonly outcome?: string;
  readonly calls?: ReturnType<CallSummary["facts"]>;
}

/** The text of `provenance.json`; `earlier` is what is in that file so far. */
export function provenanceText(
  run: RunFile,
  session: SessionRecord,
  earlier: string | undefined,
): string {
  const { runId, name, count, created, resultShape, resultDtype, fsync, code, inputs } = run;
  const { output = "files", seed = 0 } = run;
  const storage = { output, resultShape, resultDtype, fsync };
  const common = {
    runId,
    function: run.function,
    name,
    count,
    created,
    seed,
    code,
    inputs,
    storage,
  };
  const { where, start, ...rest } = session;
  const entry = { ...rest, ...start, scheduler: where?.scheduler, cluster: where?.origin };
  const others = sessionsIn(earlier).filter(({ session: number }) => number !== session.session);
  return `${JSON.stringify({ ...common, sessions: [...others, entry] }, null, 2)}\n`;
}

function sessionsIn(text: string | undefined): { session?: unknown }[] {
  try {
    const { sessions } = JSON.parse(text ?? "{}") as { sessions?: { session?: unknown }[] };
    return Array.isArray(sessions) ? sessions : [];
  } catch {
    return [];
  }
}
