// Public API of this package; nothing else is reachable from outside.
export { RemoteError } from "@acme/protocol";
export { type DecodedCall, decodeCall } from "./calls/decode-call.js";
export { encodeItems } from "./calls/encode-items.js";
export { Item, item } from "./calls/item.js";
export { type CallTemplate, type EncodedTemplate, encodeTemplate } from "./calls/template.js";
export {
  importedName,
  importFunction,
  perWorker,
  registerByValue,
  type TaskOptions,
  task,
} from "./functions/branding.js";
export { codeHash } from "./functions/code-hash.js";
export {
  explainFunction,
  type FunctionPart,
  type FunctionReport,
} from "./functions/explain-function.js";
export { getReadyToPack } from "./functions/get-ready.js";
export {
  type PackedFunction,
  type PackedKind,
  type PackOptions,
  packFunction,
} from "./functions/pack-function.js";
export type { FunctionWarning } from "./functions/warnings.js";
export { serializeLimits } from "./limits.js";
export { type ExportReference, loadExport } from "./load/load-export.js";
export { type LoadedFunction, type LoadOptions, loadFunction } from "./load/load-function.js";
export { importModule } from "./load/modules.js";
export type { MaybePromise } from "./maybe-promise.js";
export { FunctionShipError, type ShipErrorCode } from "./ship-error.js";
export { type ClassEncoding, registerClass } from "./values/custom-classes.js";
export type { DecodeOptions } from "./values/decode.js";
export { decodeValue } from "./values/decode-value.js";
export type { EncodeOptions } from "./values/encode.js";
export { encodeValue, encodeValues } from "./values/encode-values.js";
export type { EncodedValue } from "./values/encoded-value.js";
export { decodeError, encodeError } from "./values/errors.js";
