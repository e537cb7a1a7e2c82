// Maps a tiny function over numbers on a local cluster that is up; each result goes into a file.
// The Python program of the same name does the same with ACME.
import { mkdtempSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Client, LocalCluster, ParallelMap, range } from "@acme/client";
import { check, parametersOf } from "./serve.js";

const { calls, folder, scheme } = parametersOf<{ calls: number; folder: string }>();
const shape = { nWorkers: 2, threadsPerWorker: 1 };
const cluster = await LocalCluster.start(
  scheme === "tcp" ? Object.assign(shape, { security: false }) : shape,
);
const client = await Client.connect(cluster);
await client.waitForWorkers(2);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
process.stdout.write("ready\n");
await lines.next();
const place = mkdtempSync(join(folder, "map-"));

/** Milliseconds, from the list of inputs to the container. */
async function mapInto(outputDir: string, fsync: boolean) {
  const startMs = performance.now();
  const map = new ParallelMap((x: number, y: number) => x * y, range(calls), 3);
  const paths = await map.compute({ outputDir, client, fsync });
  const milliseconds = performance.now() - startMs;
  check(paths.length === calls, "paths");
  const payload = readdirSync(outputDir, { recursive: true }).filter((name) =>
    /_\d+\.h5$/.test(String(name)),
  );
  check(payload.length === calls, "files");
  return { milliseconds, container: map.resultsContainer };
}

const synced = await mapInto(join(place, "files"), true);
const { milliseconds: unsyncedMilliseconds } = await mapInto(join(place, "unsynced"), false);
process.stdout.write(`done ${JSON.stringify({ ...synced, unsyncedMilliseconds })}\n`);
await lines.next();
