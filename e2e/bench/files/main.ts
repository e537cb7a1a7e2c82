// The command of the file measurements: main.js [--calls=500] [--repeat=5]. Prints what a call of
// a ParallelMap costs whose result is one small HDF5 file, and without files for comparison: time,
// and processor time of the client's process (with the scheduler) and of the workers.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, LocalCluster, ParallelMap } from "@acme/client";
import { childrenOf, cpuTimeUs } from "../path/cpu-time.js";

const words = process.argv.slice(2);
const flag = (name: string, otherwise: number): number =>
  Number(words.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3) ?? otherwise);
const calls = flag("calls", 500);

await using cluster = await LocalCluster.start({ nWorkers: 2, threadsPerWorker: 1 });
const client = await Client.connect(cluster);
await client.waitForWorkers(2);
const folder = mkdtempSync(join(tmpdir(), "acme-bench-files-"));
try {
  for (let run = 0; run < flag("repeat", 5); run++) {
    await measure("files", run);
    await measure("memory", run);
  }
} finally {
  await client.close();
  rmSync(folder, { recursive: true, force: true });
}

async function measure(output: "files" | "memory", run: number): Promise<void> {
  const numbers = Array.from({ length: calls }, (_, i) => i);
  const map = new ParallelMap((x: number) => 2 * x, numbers);
  const outputDir = join(folder, `${run}`);
  const where = output === "files" ? { outputDir } : { output };
  const before = costs();
  const startMs = performance.now();
  const results = await map.compute({ client, progress: false, ...where });
  const ms = performance.now() - startMs;
  const after = costs();
  if (results.length !== calls) throw new Error("results are missing");
  if (output === "files" && readdirSync(outputDir, { recursive: true }).length < calls) {
    throw new Error("files are missing");
  }
  const [ours, workers] = after.map((us, at) => Math.round((us - (before[at] ?? 0)) / calls));
  process.stdout.write(
    `${output.padEnd(7)} ${(ms / calls).toFixed(3)} ms a call; ` +
      `cpu us a call: client and scheduler ${ours}, workers ${workers}\n`,
  );
}

function costs(): number[] {
  const workers = childrenOf(process.pid).map(cpuTimeUs);
  return [cpuTimeUs(process.pid), workers.reduce((sum, us) => sum + us, 0)];
}
