// Public API of this package; nothing else is reachable from outside.
export { assert, assertNever, ProgramError } from "./assert.js";
export { type Death, deaths } from "./death.js";
export {
  AcmeError,
  isAcmeError,
  LimitError,
  RemoteError,
  UnserializableError,
  WireFormatError,
  type WireFormatErrorOptions,
} from "./errors.js";
export { FrameParser, type FrameParserOptions, frameHeader } from "./frames.js";
export {
  type ClientId,
  clientId,
  type RunId,
  runCounter,
  runId,
  runIncarnation,
  type StimulusId,
  stimulusId,
  type WorkerAddress,
  workerAddress,
} from "./ids.js";
export { ownKey, type TaskKey, taskKey, type WireKey, wireKey } from "./key.js";
export { keySplit } from "./key-split.js";
export { type WireLimits, wireLimits } from "./limits.js";
export {
  type ClientToScheduler,
  type ConstraintSpec,
  clientToScheduler,
  type ExtensionMessage,
  type ExtensionRequest,
  extensionOps,
  type MessageReader,
  type NannyRequest,
  type NativeGraph,
  type NativeRunSpec,
  nannyRequest,
  type SchedulerRequest,
  type SchedulerToClient,
  type SchedulerToWorker,
  type Shape,
  schedulerRequest,
  schedulerToClient,
  schedulerToWorker,
  type TaskTemplate,
  type UnknownOp,
  type WorkerRequest,
  type WorkerStatus,
  type WorkerToScheduler,
  workerRequest,
  workerToScheduler,
} from "./messages/index.js";
export {
  decodeBytes,
  decodeNumpy,
  encodeBytes,
  encodeNumpy,
  isNumpy,
  type NumpyArray,
  type NumpyData,
} from "./numpy.js";
export { type PatchedBytes, patchBytes, patchedBytes } from "./patched-bytes.js";
export { encodePlainError, plainErrorFields, plainErrorOf } from "./plain-error.js";
export { acmeProtocol } from "./protocol-version.js";
export type { PythonException } from "./python-exception.js";
export {
  type PayloadHeader,
  type PayloadHeaderInit,
  Pickled,
  Serialized,
} from "./serialized.js";
export {
  type CollectionPart,
  type Inflate,
  logicalFrames,
  type MsgpackPart,
  openPayload,
  type PayloadPart,
  type ValuePart,
} from "./subframes.js";
export { decodeMessage, encodeMessage, type WireMap, type WireValue } from "./wire-codec.js";
export { WsFrameAssembler, wsFrameCount } from "./ws-frames.js";
