// Very many calls that do nothing, between processes as users have them: how fast they go, and the
// most memory that client and scheduler ever had. What is too much, is for others to say.
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { command, contactIn, startMs, TestFolder } from "../commands/processes.js";
import { residentBytes } from "../memory/real-memory.js";
import type { NoOpReport } from "./no-ops-program.js";

export interface NoOpFigures {
  readonly calls: number;
  /** Calls whose value came back right. */
  readonly right: number;
  readonly callsPerSecond: number;
  readonly clientPeakMb: number;
  readonly schedulerPeakMb: number;
  /** What was printed of the progress, one line now and then and one at the end. */
  readonly progress: readonly string[];
}

const program = fileURLToPath(new URL("../../dist/map/no-ops-program.js", import.meta.url));
const sampleMs = 50;
const workers = 2;

/** Runs the map on a new cluster. */
export async function mapNoOps(calls: number): Promise<NoOpFigures> {
  using folder = new TestFolder();
  const env = { ACME_HOME: folder.file("home") };
  const contactFile = folder.file("scheduler.json");
  const scheduler = command("scheduler", ["--port", "0", "--scheduler-file", contactFile], [], {
    env,
  });
  const address = await addressIn(contactFile);
  const started = Array.from({ length: workers }, () => {
    return command("worker", ["--scheduler-file", contactFile, "--nthreads", "1"], [], { env });
  });
  try {
    const client = execa("node", [program, address, String(calls)], { env });
    const peaks = watchPeaks([client.pid as number, scheduler.pid as number]);
    const { stdout, stderr } = await client.finally(peaks.stop);
    const { right, seconds } = JSON.parse(stdout) as NoOpReport;
    const [clientPeakMb, schedulerPeakMb] = peaks.bytes.map((bytes) => Math.round(bytes / 1e6));
    return {
      calls,
      right,
      callsPerSecond: Math.round(calls / seconds),
      clientPeakMb: clientPeakMb as number,
      schedulerPeakMb: schedulerPeakMb as number,
      progress: stderr.split("\n").filter((line) => line.includes("it/s")),
    };
  } finally {
    for (const one of [...started, scheduler]) one.kill("SIGTERM");
    await Promise.all([...started, scheduler]);
  }
}

async function addressIn(contactFile: string): Promise<string> {
  const untilMs = performance.now() + startMs;
  for (;;) {
    const contact = contactIn(contactFile);
    if (contact !== undefined) return contact.address;
    if (performance.now() > untilMs) throw new Error("the scheduler did not start in time");
    await new Promise((resolve) => setTimeout(resolve, sampleMs));
  }
}

function watchPeaks(pids: readonly number[]) {
  const bytes = pids.map(() => 0);
  const timer = setInterval(() => {
    pids.forEach((pid, i) => {
      bytes[i] = Math.max(bytes[i] as number, residentBytes(pid));
    });
  }, sampleMs);
  return { bytes, stop: () => clearInterval(timer) };
}
