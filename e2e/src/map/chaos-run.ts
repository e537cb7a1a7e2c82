// One run of a map that is interrupted by a SIGKILL, at a share of its results or at a named point
// between two calls to the file system, and gone on with until it is done.
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { checkRun } from "./chaos-check.js";
import type { ChaosSite } from "./chaos-site.js";

export const chaosCount = 300;

/** A point between two calls to the file system. */
export interface CrashPoint {
  readonly role: "client" | "worker";
  readonly when: "before" | "after";
  readonly call: "open" | "write" | "fsync" | "link" | "unlink" | "rename" | "mkdir";
  /** Part of the path that the call is about; with a stroke at its end, a folder itself. */
  readonly match: string;
}

export type Chaos =
  | { readonly kill: "client" | "worker" | "scheduler"; readonly afterResults: number }
  | { readonly point: CrashPoint };

export interface ChaosOutcome {
  /** Whether anything was killed: a run may be over before. */
  readonly struck: boolean;
  /** Results that were there when the last session began. */
  readonly kept: number;
  readonly sessions: number;
  readonly wrong: readonly string[];
}

/** Makes one run of it. */
export async function chaosRun(site: ChaosSite, turn: number, chaos: Chaos): Promise<ChaosOutcome> {
  await site.ready();
  const folder = join(site.root, `run-${turn}`);
  const crash = `${folder}.crash`;
  if ("point" in chaos) writeFileSync(crash, JSON.stringify(chaos.point));
  const program = site.program(folder, chaosCount);
  const strikes = "point" in chaos ? undefined : strike(site, folder, { turn, chaos, program });
  let last = await program;
  const struck = "point" in chaos ? existsSync(`${crash}ed`) : ((await strikes) ?? false);
  let kept = resultsIn(folder);
  let sessions = 1;
  while (last.exitCode !== 0 && sessions < 4) {
    await site.ready();
    kept = resultsIn(folder);
    last = await site.program(folder, chaosCount);
    sessions += 1;
  }
  const wrong = last.exitCode === 0 ? [] : [`the last session failed: ${last.all}`];
  return { struck, kept, sessions, wrong: [...wrong, ...(await checkRun(folder, chaosCount))] };
}

interface Strike {
  readonly turn: number;
  readonly chaos: Extract<Chaos, { readonly kill: string }>;
  readonly program: ReturnType<ChaosSite["program"]>;
}

/** Waits for so many results and kills. */
async function strike(
  site: ChaosSite,
  folder: string,
  { turn, chaos, program }: Strike,
): Promise<boolean> {
  let isOver = false;
  void program.finally(() => {
    isOver = true;
  });
  while (resultsIn(folder) < chaos.afterResults && !isOver) await sleep(1);
  if (isOver) return false;
  if (chaos.kill === "client") program.kill("SIGKILL");
  else if (chaos.kill === "worker") site.killWorker(turn);
  else site.killScheduler();
  return true;
}

function resultsIn(folder: string): number {
  try {
    const names = readdirSync(join(folder, "chaotic_payload"));
    return names.filter((name) => !name.endsWith(".tmp")).length;
  } catch {
    return 0;
  }
}
