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
const outputDir = join(mkdtempSync(join(folder, "map-")), "files");
const startMs = performance.now();
const map = new ParallelMap((x: number, y: number) => x * y, range(calls), 3);
const paths = await map.compute({ outputDir, client });
const milliseconds = performance.now() - startMs;
check(paths.length === calls, "paths");
const payload = readdirSync(outputDir, { recursive: true }).filter((name) =>
  /_\d+\.h5$/.test(String(name)),
);
check(payload.length === calls, "files");
process.stdout.write(`done ${JSON.stringify({ milliseconds, container: map.resultsContainer })}\n`);
await lines.next();
