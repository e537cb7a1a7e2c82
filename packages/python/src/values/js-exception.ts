// What JavaScript throws, as an exception that any Python raises: of a class of its own builtins, with
// the name and the stack as text. Reading exceptions of Python is done elsewhere.
import { encodeBytes, type Serialized } from "@acme/protocol";
import { type PickleNode, PyObject, pyGlobal } from "../pickle/nodes.js";
import { writePickle } from "../pickle/write-pickle.js";

/** Longer texts are cut, as dask does it with exceptions. */
const textMax = 10_000;

/**
 * A `RuntimeError` for Python, as `task-erred` carries exceptions. It has the attributes `js_name`,
 * `js_message` and `js_stack`; Python 3.11 and later print the stack below the traceback.
 *
 * @param thrown - anything that was thrown
 * @example
 * ```ts
 * jsException(new RangeError("too far")); // raised as RuntimeError("RangeError: too far")
 * ```
 */
export function jsException(thrown: unknown): Serialized {
  return encodeBytes(pickledJsError(textsOf(thrown)));
}

/** What is known of something thrown, as texts. */
export interface JsErrorTexts {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

/** The pickle of {@link jsException}. */
export function pickledJsError({ name, message, stack }: JsErrorTexts): Uint8Array {
  const text = name === "Error" || name === "" ? message : `${name}: ${message}`;
  const exception = new PyObject("call", pyGlobal("builtins", "RuntimeError"), [cut(text)]);
  const state = new Map<PickleNode, PickleNode>([
    ["js_name", name],
    ["js_message", cut(message)],
    ["js_stack", cut(stack)],
  ]);
  if (stack !== "") state.set("__notes__", [`JavaScript stack:\n${cut(stack)}`]);
  exception.state = state;
  return writePickle(exception).bytes;
}

/** Getters may be in the way: an exception has to come of it all the same. */
function textsOf(thrown: unknown): JsErrorTexts {
  try {
    if (!(thrown instanceof Error)) return { name: "", message: String(thrown), stack: "" };
    const { name, message, stack } = thrown;
    return { name: String(name), message: String(message), stack: String(stack ?? "") };
  } catch {
    return { name: "", message: "a task threw a value that has no text", stack: "" };
  }
}

const cut = (text: string): string =>
  text.length <= textMax ? text : `${text.slice(0, textMax)} …`;
