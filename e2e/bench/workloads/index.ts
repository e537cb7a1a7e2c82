// All workloads, in the order in which they run.
import type { Workload } from "../workload.js";
import { idle } from "./idle.js";
import { latency } from "./latency.js";
import { map10k, map100k } from "./map.js";

export const workloads: readonly Workload[] = [map10k, latency, map100k, idle];
