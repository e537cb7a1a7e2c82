// How large the heap of a scheduler's thread may grow: a share of what this process may use, since
// Node's default is meant for small programs.
import { totalmem } from "node:os";

const heapShare = 0.5;
const heapMbMin = 512;

/**
 * @param machineBytes - memory of the machine
 * @param cgroupBytes - what a batch system or container allows; 0 or huge: no limit
 * @returns MiB
 */
export function schedulerHeapMb(
  machineBytes: number = totalmem(),
  cgroupBytes: number = process.constrainedMemory() ?? 0,
): number {
  const bytes = cgroupBytes > 0 ? Math.min(machineBytes, cgroupBytes) : machineBytes;
  return Math.max(heapMbMin, Math.floor((bytes * heapShare) / 2 ** 20));
}
