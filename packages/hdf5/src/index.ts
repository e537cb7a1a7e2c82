// Public API of this package; nothing else is reachable from outside.
export { type ConvertOptions, convert } from "./convert.js";
export { type Dtype, itemBytes, type NumericDtype, parseDtype, type TypedArray } from "./dtype.js";
export { encodeFile } from "./encode-file.js";
export { type ErrorFields, Hdf5Error, type Hdf5ErrorCode } from "./errors.js";
export { RANK_MAX, VIRTUAL_SOURCES_SAFE_MAX } from "./limits.js";
export {
  type ArrayInput,
  type AsArrayOptions,
  asArray,
  type NDArray,
  type NDArrayLike,
  type Nested,
} from "./ndarray.js";
export { type PublishedFile, type PublishOptions, publishFile, writeFile } from "./publish-file.js";
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
  softLink,
  type VirtualDatasetNode,
  type VirtualDatasetOptions,
  type VirtualSource,
  virtualDataset,
} from "./tree.js";
