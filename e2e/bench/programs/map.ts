// Maps the identity over numbers and gathers all results.
// The Python program of the same name does the same.
import { check, secondsSince, serve } from "./serve.js";

await serve<{ tasks: number }>(async (client, { tasks }) => {
  const numbers = Array.from({ length: tasks }, (_, i) => i);
  const startMs = performance.now();
  const futures = client.map((x: number) => x, [numbers]);
  const submitSeconds = secondsSince(startMs);
  const values = await client.gather(futures);
  const seconds = secondsSince(startMs);
  check(values.length === tasks && values.every((value, i) => value === i), "map");
  return { seconds, submitSeconds };
});
