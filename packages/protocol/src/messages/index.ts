// Every message that crosses a wire, by direction.
export {
  type ClientToScheduler,
  clientToScheduler,
  type SchedulerToClient,
  schedulerToClient,
} from "./client-stream.js";
export { type ExtensionMessage, type ExtensionRequest, extensionOps } from "./extensions.js";
export type {
  ConstraintSpec,
  NativeGraph,
  NativeRunSpec,
  TaskTemplate,
} from "./native-graph.js";
export {
  type NannyRequest,
  nannyRequest,
  type SchedulerRequest,
  schedulerRequest,
  type WorkerRequest,
  workerRequest,
} from "./requests.js";
export type { MessageReader, Shape, UnknownOp } from "./schema.js";
export {
  type SchedulerToWorker,
  schedulerToWorker,
  type WorkerStatus,
  type WorkerToScheduler,
  workerToScheduler,
} from "./worker-stream.js";
