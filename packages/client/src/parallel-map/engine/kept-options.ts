// Which options go with the files of a run: where they are, and what is to be told about how they
// were made.
import type { ComputeMapOptions, FileOutputKind } from "../compute-options.js";
import type { Output } from "../types.js";

export const leavesFiles = (output: Output): output is FileOutputKind =>
  output !== "memory" && output !== "none";

export function keptOptions(options: ComputeMapOptions) {
  const { outputDir, attributes = {}, resume, fsync, cleanupThresholdDays, seed } = options;
  const { client: _client, signal: _signal, attributes: _attributes, ...told } = options;
  return { outputDir, attributes, resume, fsync, cleanupThresholdDays, seed, options: told };
}
