// Public API of this package; nothing else is reachable from outside. Importing it loads no code of
// schedulers or workers.
export { LocalCluster, type LocalClusterOptions, type PythonWorkersOptions } from "@acme/cluster";
export type { Security } from "@acme/comm";
export { AcmeError, isAcmeError } from "@acme/protocol";
export {
  type KeywordArguments,
  type PythonArray,
  PythonException,
  PythonObject,
  PythonValueError,
} from "@acme/python";
export {
  explainFunction,
  FunctionShipError,
  importFunction,
  perWorker,
  RemoteError,
  registerByValue,
  registerClass,
  task,
} from "@acme/serialize";
export { askUser, hasTerminal, type Question } from "./ask-user.js";
export {
  Client,
  type ComputeOptions,
  type ConnectOptions,
  type MapOptions,
  type SubmitOptions,
} from "./client.js";
export {
  type ClusterProvider,
  type ProvidedCluster,
  type ProvideOptions,
  provideCluster,
  registerClusterProvider,
} from "./cluster-provider.js";
export * from "./command/index.js";
export { type ComputeCallsOptions, compute } from "./compute.js";
export type { FutureStatus } from "./core/index.js";
export { currentClient, setCurrentClient } from "./current-client.js";
export {
  ArgumentError,
  CancelledError,
  ClientClosedError,
  FutureUseError,
  KilledWorker,
  LostDataError,
  NoClusterError,
  RegistrationError,
  TaskError,
  WaitTimeoutError,
} from "./errors.js";
export { Future } from "./future.js";
export type { GatherOptions } from "./gather.js";
export { Delayed, delayed } from "./graph/delayed.js";
export { KeyReference, ref } from "./graph/references.js";
export type { GraphTask, TaskGraph } from "./graph/task-graph.js";
export type { KeyLike, RestartOptions, RetireOptions, SchedulerInfo } from "./inspection.js";
export { clientLimits } from "./limits.js";
export {
  clusterCleanup,
  type LocalSetupOptions,
  localClusterSetup,
} from "./local-setup.js";
export * from "./parallel-map/index.js";
export { kwargs, type PythonFunction, python } from "./python/python-function.js";
export type { ScatterOptions } from "./scatter.js";
export * from "./shared/index.js";
export type { WaitOptions } from "./shell/limited.js";
export type { CallOptions, ClientLogEntry } from "./shell/session.js";
export type { ClusterHandle, ConnectTarget } from "./target.js";
export type { TaskOptions } from "./task-options.js";
export type { ArgumentLists, Futurable, Futures, Gathered } from "./types.js";
export {
  asCompleted,
  CompletionOrder,
  type WaitForOptions,
  type WaitResult,
  wait,
} from "./wait.js";
