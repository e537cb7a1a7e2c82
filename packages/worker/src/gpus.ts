// Which of a node's GPUs each worker of one command may use: what the batch system gave to the job,
// shared out. Starts nothing, and talks to no GPU.
import { dealDevices } from "./exec/slot-devices.js";

/** The names under which batch systems tell a job its GPUs. */
interface GpuVariables {
  readonly CUDA_VISIBLE_DEVICES?: string | undefined;
  /** Grid Engine's, with blanks between. */
  readonly SGE_HGR_gpu?: string | undefined;
}

/**
 * @param count - how many there should be; whoever gave them knows better
 * @returns their names, as CUDA takes them
 */
export function visibleGpus(count: number, environment: GpuVariables): string[] {
  const { CUDA_VISIBLE_DEVICES: cuda, SGE_HGR_gpu: gridEngine } = environment;
  const given = (cuda ?? gridEngine)?.split(/[\s,]+/).filter((device) => device !== "");
  return given ?? Array.from({ length: count }, (_, index) => String(index));
}

export interface GpuShare {
  readonly devices: readonly string[];
  /** How many of them this worker announces as a resource: each GPU is announced once. */
  readonly announced: number;
}

export function shareGpus(devices: readonly string[], nworkers: number): GpuShare[] {
  const announced = new Set<string>();
  return dealDevices(devices, nworkers).map((share) => {
    const first = share.filter((device) => !announced.has(device));
    for (const device of first) announced.add(device);
    return { devices: share, announced: first.length };
  });
}
