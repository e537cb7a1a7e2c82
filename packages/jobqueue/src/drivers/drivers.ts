// The batch systems that we know, by name.
// Must not know what is special about any of them.
import type { BatchDriver, BatchSystem } from "./driver.js";
import { pbs } from "./pbs.js";
import { sge } from "./sge.js";
import { slurm } from "./slurm.js";

export const drivers: Readonly<Record<BatchSystem, BatchDriver>> = { slurm, pbs, sge };
