// Public API of this package; nothing else is reachable from outside.
export { assert, assertNever, ProgramError } from "./assert.js";
export {
  AcmeError,
  isAcmeError,
  LimitError,
  WireFormatError,
  type WireFormatErrorOptions,
} from "./errors.js";
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
export { type TaskKey, taskKey, type WireKey, wireKey } from "./key.js";
export { type WireLimits, wireLimits } from "./limits.js";
export {
  type PayloadHeader,
  type PayloadHeaderInit,
  Pickled,
  Serialized,
} from "./serialized.js";
export { decodeMessage, encodeMessage, type WireMap, type WireValue } from "./wire-codec.js";
