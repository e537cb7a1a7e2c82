// Submits one tiny task after another, each when the result of the one before is there.
// The Python program of the same name does the same.
import { setTimeout as sleep } from "node:timers/promises";
import { check, percentiles, serve } from "./serve.js";

await serve<{ tasks: number; pauseMs: number }>(async (client, { tasks, pauseMs }) => {
  const milliseconds: number[] = [];
  for (let i = 0; i < tasks; i++) {
    if (pauseMs > 0) await sleep(pauseMs);
    const startMs = performance.now();
    const result = await client.submit((x: number) => x + 1, [i]).result();
    milliseconds.push(performance.now() - startMs);
    check(result === i + 1, "latency");
  }
  return percentiles(milliseconds);
});
