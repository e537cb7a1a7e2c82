// What every part of one file being encoded shares: its bytes, its heap, and what readers need.
// Only a type; the walk in encode-file.ts makes one per file.
import type { FileBody } from "./file-body.js";
import type { GlobalHeap } from "./global-heap.js";

export interface FileContext {
  readonly body: FileBody;
  readonly heap: GlobalHeap;
  /** Set by parts that HDF5 1.8 cannot read; the superblock then says so (version 3). */
  needsHdf5v110: boolean;
}
