// Set up around a whole run of the end-to-end tests: a SLURM that they started ends with them. One
// that was up before stays.
import { endFarm, isFarmUp } from "./farm.js";

export async function setup(): Promise<() => Promise<void>> {
  const wasUp = await isFarmUp();
  return async () => {
    if (!wasUp && (await isFarmUp())) await endFarm();
  };
}
