// What this process may use of the machine it runs on.
// How much of it each worker gets is decided in worker-shape.ts.
import { totalmem } from "node:os";

/** Bytes of memory: the machine's, or what a batch system or container allows if that is less. */
export function machineMemoryBytes(): number {
  const constrained = process.constrainedMemory() ?? 0;
  return constrained > 0 ? Math.min(totalmem(), constrained) : totalmem();
}
