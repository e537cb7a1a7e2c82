// Public API of this package; nothing else is reachable from outside.

export { syncFolder } from "./claim-name.js";
/**
 * A small HDF5 writer: datasets, groups, links, virtual datasets, durable publication.
 *
 * Files are read by h5py, h5dump, MATLAB and everything else on HDF5 1.8 (1.10 when they hold
 * compressed or virtual datasets). There is no reading, appending or resizing here.
 *
 * @packageDocumentation
 * @example
 * import { dataset, externalLink, file, publishFile, virtualDataset } from "@acme/hdf5";
 *
 * for (const i of [0, 1, 2]) {
 *   const result = Float64Array.of(i, i * i);
 *   await publishFile(`out/f_${i}.h5`, file({
 *     attributes: { task_id: BigInt(i), host: "node7" },
 *     members: { result_0: dataset(result, { gzip: 4 }) },
 *   }), { attempt: 1 });
 * }
 * const sources = [0, 1, 2].map((i) => ({
 *   file: `out/f_${i}.h5`, dataset: "result_0", start: [i, 0], count: [1, 2],
 * }));
 * const { bytes, crc32 } = await publishFile("f.h5", file({
 *   members: {
 *     result_0: virtualDataset({ shape: [3, 2], dtype: "float64", sources }),
 *     comp_0: externalLink("out/f_0.h5", "/"),
 *   },
 * }));
 * console.log(bytes, crc32);
 */
export { type ConvertOptions, convert } from "./convert.js";
export { copyDataset } from "./copy-dataset.js";
export { type Dtype, type NumericDtype, parseDtype, type TypedArray } from "./dtype.js";
export { encodeFile } from "./encode-file.js";
export { missingElement } from "./encode-streamed.js";
export { type ErrorFields, Hdf5Error, type Hdf5ErrorCode } from "./errors.js";
export { type DatasetSummary, type FileSummary, inspectFile } from "./inspect-file.js";
export { RANK_MAX, VIRTUAL_SOURCES_SAFE_MAX } from "./limits.js";
export {
  type ArrayInput,
  type AsArrayOptions,
  asArray,
  type NDArray,
  type NDArrayLike,
  type Nested,
} from "./ndarray.js";
export { PublishBatch, type PublishBatchOptions } from "./publish-batch.js";
export {
  type PublishedFile,
  type PublishOptions,
  publishBytes,
  publishFile,
  writeFile,
} from "./publish-file.js";
export { isCompleteFile } from "./superblock.js";
export { isTemporaryName } from "./temporary-file.js";
export {
  type Attributes,
  type DatasetNode,
  type DatasetOptions,
  dataset,
  type ExternalLinkNode,
  externalLink,
  file,
  type GroupNode,
  type GroupOptions,
  group,
  type Member,
  type Members,
  type SoftLinkNode,
  type StreamedDatasetNode,
  type StreamedDatasetOptions,
  softLink,
  streamedDataset,
  type VirtualDatasetNode,
  type VirtualDatasetOptions,
  type VirtualSource,
  virtualDataset,
} from "./tree.js";
