// What every record says beside its figures: the commit that ran and the machine that ran it. Knows
// no figure.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** `modified`: what ran was not just this commit, so the record cannot be traced to it alone. */
export function source(): { commit: string; modified: boolean } {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: root, encoding: "utf8" });
  const changed = git("status", "--porcelain", "--", "packages", "e2e/src", "e2e/bench").trim();
  return { commit: git("rev-parse", "HEAD").trim(), modified: changed !== "" };
}

/** This machine, as records name it. */
export function machine(): Record<string, string | number> {
  const cores = cpus();
  return {
    cpu: cores[0]?.model.trim() ?? "unknown",
    cores: cores.length,
    memoryBytes: totalmem(),
    platform: `${process.platform} ${process.arch}`,
  };
}

/** Over the last minutes: times mean little when others used the machine too. */
export const loadAverages = (): number[] => loadavg().map((load) => Math.round(load * 10) / 10);

/** Started with `chrt`: policy FIFO or RR, the 41st field. */
export function isRealTime(): boolean {
  const stat = readFileSync("/proc/self/stat", "utf8");
  const policy = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[38]);
  return policy === 1 || policy === 2;
}
