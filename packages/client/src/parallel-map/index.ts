// What users of maps get; handed on by the package's own index.
export { CallTimeoutError } from "./calls/within.js";
export type {
  ComputeMapOptions,
  ComputeOnlyOptions,
  MapProgress,
  RetryOptions,
} from "./compute-options.js";
export { DryRunDeclinedError, type DryRunReport } from "./engine/dry-run.js";
export type { EstimateOptions, MapEstimate } from "./engine/estimate.js";
export { MapRun } from "./engine/map-run.js";
export {
  ClosedRunError,
  InterruptedError,
  MapError,
  type MapFailure,
  OutputExistsError,
  OutputFolderError,
  ResultShapeError,
  ResultValueError,
} from "./map-errors.js";
export { mapLimits } from "./map-limits.js";
export { Each, each, grid, type Lazy, linspace, range, Shared, shared } from "./markers.js";
export { tuple } from "./outputs.js";
export { ParallelMap, type ResumeRunOptions } from "./parallel-map.js";
export { type CleanupOptions, type CleanupReport, cleanup } from "./records/cleanup.js";
export { consolidate } from "./records/consolidate.js";
export { describeRun, type RunDescription } from "./records/describe-run.js";
export type { ResumeOptions } from "./records/open-run.js";
export {
  CodeChangedError,
  FolderNotSharedError,
  InputsChangedError,
  NoRunError,
  RunFolderLostError,
  RunInUseError,
} from "./records/record-errors.js";
export { recordLimits } from "./records/record-limits.js";
export type { WhichMap, WhichRun } from "./records/restore-run.js";
export type { RunTarget } from "./records/run-target.js";
export {
  type VerifyProblem,
  type VerifyReport,
  verify,
} from "./records/verify.js";
export type { FailureRecord } from "./report/failures-file.js";
export type { MapReport } from "./report/map-report.js";
export type { ResultShape } from "./result-layout.js";
export type { StackedResults } from "./stack-values.js";
export { getTaskContext, type TaskContext } from "./task-context.js";
export type {
  CallArguments,
  CallDone,
  CallFailed,
  CallResult,
  Computed,
  OnError,
  One,
  Output,
  TypedArray,
  Whole,
  WholeArguments,
} from "./types.js";
