// A program that maps a no-op over inputs made one by one, takes every outcome, and prints how that
// went: no-ops-program.js <scheduler address> <calls>. Measured from outside by no-ops.ts.
import { Client, each, ParallelMap } from "@acme/client";

/** What the program prints. */
export interface NoOpReport {
  /** Calls whose value came back right. */
  readonly right: number;
  readonly seconds: number;
}

const [address = "", count = "0"] = process.argv.slice(2);
const calls = Number(count);

function* inputs(): Generator<number> {
  for (let i = 0; i < calls; i++) yield i;
}

const client = await Client.connect(address);
try {
  await client.waitForWorkers(2);
  const run = ParallelMap.times(calls, (x: number) => x, each(inputs)).run({
    client,
    output: "memory",
  });
  const startMs = performance.now();
  let right = 0;
  for await (const call of run) if (call.status === "done" && call.value === call.index) right += 1;
  const seconds = (performance.now() - startMs) / 1_000;
  const report: NoOpReport = { right, seconds };
  process.stdout.write(`${JSON.stringify(report)}
`);
} finally {
  await client.close();
}
