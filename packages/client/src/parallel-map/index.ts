// What users of maps get; handed on by the package's own index.
export type { ComputeMapOptions, MapProgress } from "./compute-options.js";
export {
  MapError,
  type MapFailure,
  OutputExistsError,
  OutputFolderError,
  ResultShapeError,
  ResultValueError,
} from "./map-errors.js";
export { mapLimits } from "./map-limits.js";
export { Each, each, grid, linspace, range, Shared, shared } from "./markers.js";
export { tuple } from "./outputs.js";
export { ParallelMap } from "./parallel-map.js";
export type { ResultShape } from "./result-layout.js";
export type {
  CallArguments,
  Computed,
  One,
  Output,
  TypedArray,
  Whole,
  WholeArguments,
} from "./types.js";
