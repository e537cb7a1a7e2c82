// Starts a local cluster and computes one task on it, then waits to be ended.
// The Python program of the same name does the same.
import { createInterface } from "node:readline";
import { check, parametersOf } from "./serve.js";

const { scheme } = parametersOf();
const { Client, LocalCluster } = await import("@acme/client");
const startMs = performance.now();
const shape = { nWorkers: 2, threadsPerWorker: 1 };
const cluster = await LocalCluster.start(localClusterOptions());
const client = await Client.connect(cluster);
const value = await client.submit((x: number) => x + 1, [1]).result();
const milliseconds = performance.now() - startMs;
check(value === 2, "cold start");
process.stdout.write(`first ${JSON.stringify({ milliseconds })}\n`);
await createInterface({ input: process.stdin })[Symbol.asyncIterator]().next();
await client.close();
await cluster.close();

function localClusterOptions() {
  return scheme === "tcp" ? { ...shape, security: false } : shape;
}
