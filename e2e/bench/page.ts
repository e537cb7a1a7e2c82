// The page docs/benchmarks.md, made of the record alone, so that it never says what was not
// measured.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { BenchRecord, Entry } from "./record.js";
import { markdownTable, notesOf, rowsOf } from "./table.js";
import type { Workload } from "./workload.js";

const path = fileURLToPath(new URL("../../../docs/benchmarks.md", import.meta.url));

const opening = `# Benchmarks

Made by \`npx -y pnpm@10 bench\`, which rewrites this page; do not edit it.

Every figure is the median [least..most] (number of repetitions). The systems take turns within one
run, each time with fresh processes: acme, dask as it comes, and dask with
\`worker-saturation: inf\` ("dask inf"), which keeps no tasks back on its scheduler. Workers have
one thread and no nanny, nobody serves a dashboard, both sides check every result, and repetitions
in which other programs used more than a fifth of the machine are dropped.

\`x dask\` and \`x best\` say how many times better acme is than dask's defaults, and than the better
of both. "must" and "moonshot" are the bars we set ourselves. On a busy machine processor time per
task is the figure to trust. Started with \`chrt -r 1\`, the processes of all systems run at
real-time priority: others get the machine only while these wait, which still counts as disturbed.

Overhead and latency are measured here. Programs whose tasks run for 100 ms and more gain a few
percent, because their time goes into the tasks.
`;

/** Writes the page. @param workloads - all there are, in the order of the page */
export function writePage(record: BenchRecord, workloads: readonly Workload[]): void {
  writeFileSync(path, pageOf(record, workloads));
}

export function pageOf({ machine, entries }: BenchRecord, workloads: readonly Workload[]): string {
  const { cpu, cores, memoryBytes, platform } = machine;
  const gib = Math.round(Number(memoryBytes) / 2 ** 30);
  const sections = workloads.flatMap((workload) => {
    const own = entries.filter((entry) => entry.workload === workload.name);
    return own.length === 0 ? [] : [sectionOf(workload, own)];
  });
  const place = `Machine: ${cpu}, ${cores} cores, ${gib} GiB, ${platform}.\n`;
  return [opening, place, ...sections].join("\n");
}

function sectionOf(workload: Workload, entries: readonly Entry[]): string {
  const tables = entries.flatMap((entry) => [
    `${originOf(entry)}\n`,
    `${markdownTable(rowsOf(workload, entry))}\n`,
    ...notesOf(entry).map((note) => `Note: ${note}.\n`),
  ]);
  const outlook = `Bound now by ${workload.bound}. Next step: ${workload.next}.\n`;
  return [`## ${workload.name}\n`, `${workload.measures}.\n`, ...tables, outlook].join("\n");
}

function originOf(entry: Entry): string {
  const commit = `\`${entry.commit.slice(0, 9)}\`${entry.modified ? " (modified)" : ""}`;
  const date = entry.date.slice(0, 10);
  const priority = entry.realTime ? ", at real-time priority" : "";
  return `\`${entry.scheme}://\` at ${commit}, ${date}, ${versionText(entry)}${priority}`;
}

function versionText({ versions }: Entry): string {
  return Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");
}
