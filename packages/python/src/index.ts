// Public API of this package; nothing else is reachable from outside.
export { PythonError } from "./errors.js";
