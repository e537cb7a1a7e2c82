// Public API of this package; nothing else is reachable from outside.
export { type ProgressWish, progressWish } from "./diagnostics/progress-wish.js";
export { schedulerPickles } from "./diagnostics/scheduler-pickles.js";
export { type UploadedFile, uploadedFile } from "./diagnostics/uploaded-file.js";
export { PythonError } from "./errors.js";
export { pythonException } from "./exceptions/python-exception.js";
export { PythonHelper } from "./materialize/kept-process.js";
export { type QuickGraph, quickUnfold } from "./materialize/quick-unfold.js";
export {
  type FoldedGraph,
  type RunFields,
  runFields,
  type UnfoldQuestion,
  unfoldQuestion,
} from "./materialize/unfold-call.js";
export {
  type SpecSlab,
  type UnfoldedGraph,
  UnfoldedReader,
  type UnfoldFailure,
} from "./materialize/unfolded-graph.js";
export {
  type PickleNode,
  PyBuffer,
  PyFloat,
  PyFrozenSet,
  PyGlobal,
  PyObject,
  PyTuple,
  pyCall,
  pyGlobal,
} from "./pickle/nodes.js";
export { PickleFormatError, PythonValueError } from "./pickle/pickle-errors.js";
export { pickleLimits } from "./pickle/pickle-limits.js";
export { readPickle } from "./pickle/read-pickle.js";
export {
  type Pickle,
  type PickleOptions,
  PickleWriter,
  writePickle,
} from "./pickle/write-pickle.js";
export {
  layoutFields,
  type PlacedShuffle,
  readLayout,
  type UnplacedShuffle,
} from "./shuffle/layout.js";
export { standardWorkerPlugins } from "./shuffle/worker-plugin.js";

export { evaluateSpec, type SpecSurroundings } from "./specs/evaluate-spec.js";
export { jsCallable } from "./specs/js-reference.js";
export { keyNode } from "./specs/key-node.js";
export { readSpecValue } from "./specs/node-value.js";
export { readRunSpec } from "./specs/read-spec.js";
export { RunSpecError } from "./specs/run-spec-error.js";
export { type PythonSource, sourceCall } from "./specs/source-call.js";
export type { JsReference, RunSpec, Spec } from "./specs/spec.js";
export {
  CallWriter,
  KeywordArguments,
  type PythonCalls,
  type ReferenceOf,
  type WrittenCall,
} from "./specs/write-calls.js";
export {
  type PythonTextName,
  pythonText,
} from "./texts/python-text.js";
export type { ArrayData, PythonArray } from "./values/array-types.js";
export { jsException } from "./values/js-exception.js";
export { exceptionPayload, pickledException } from "./values/pickled-exception.js";
export { PythonException } from "./values/python-exception.js";
export { PythonObject } from "./values/python-object.js";
export { readPython, readPythonException } from "./values/read-payload.js";
export { writePython } from "./values/write-payload.js";
export { pythonNode } from "./values/write-value.js";
