// All workloads, in the order in which they run.
import type { Workload } from "../workload.js";
import { data } from "./data.js";
import { graphs } from "./graphs.js";
import { idle } from "./idle.js";
import { latency } from "./latency.js";
import { loss } from "./loss.js";
import { map10k, map100k } from "./map.js";
import { parallelMap } from "./parallel-map.js";
import { quality } from "./quality.js";
import { coldStart, importTime } from "./start.js";
import { zero } from "./zero.js";

export const workloads: readonly Workload[] = [
  map10k,
  latency,
  ...graphs,
  ...zero,
  ...data,
  ...quality,
  loss,
  coldStart,
  importTime,
  idle,
  parallelMap,
  map100k,
];
