// The exceptions that dask's Python side expects of a refused request, by name. How one is written
// down is known to the room that knows pickle; whoever refuses only says which it is.

/** What a Python peer raises when a request is refused; of `builtins`, as its programs catch it. */
export type PythonException =
  | "AssertionError"
  | "Exception"
  | "KeyError"
  | "MemoryError"
  | "NotImplementedError"
  | "OSError"
  | "RuntimeError"
  | "TimeoutError"
  | "TypeError"
  | "ValueError";
