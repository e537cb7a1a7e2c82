// Computes one graph of tiny tasks, given as a whole, and fetches what stands at its end.
// The Python program of the same name does the same.
import { chain, shuffle, tree, type Workload } from "../path/workloads.js";
import { serve } from "./serve.js";

const shapes: Readonly<Record<string, (size: number) => Workload>> = { chain, tree, shuffle };

await serve<{ shape: string; size: number }>(async (client, { shape, size }) => {
  const { tasks, seconds } = await shapes[shape]!(size)(client);
  return { tasks, seconds };
});
