// Exceptions of Python as errors here: the class by name, its arguments, and the traceback as Python
// would print it, read from what tblib makes of exceptions that travel. Nothing is raised again.
import { RemoteError } from "@acme/protocol";

/** What is known of an exception. */
export interface ExceptionFacts {
  /** Module of its class, such as `"builtins"`; empty if it is not known. */
  readonly module: string;
  /** Name of its class. */
  readonly name: string;
  readonly args: readonly unknown[];
  /** Lines of the traceback without heading; empty if there is none. */
  readonly traceback: string;
  readonly notes: readonly string[];
  readonly cause?: unknown;
}

/**
 * An exception that Python raised. `name` is the name of its class, `stack` ends with the traceback
 * of Python.
 */
export class PythonException extends RemoteError {
  /** Module and name of the class, such as `"builtins.ValueError"`. */
  readonly pythonType: string;
  /** What the exception was made with, as far as it has a form here. */
  readonly args: readonly unknown[];
  /** The traceback as Python prints it, without the lines of source. */
  readonly traceback: string;

  readonly #facts: ExceptionFacts;

  constructor(facts: ExceptionFacts) {
    const message = messageOf(facts);
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.pythonType = facts.module === "" ? facts.name : `${facts.module}.${facts.name}`;
    this.args = facts.args;
    this.#facts = facts;
    this.traceback =
      facts.traceback === "" ? "" : `Traceback (most recent call last):\n${facts.traceback}`;
    Object.defineProperty(this, "name", { value: facts.name, configurable: true, writable: true });
    const parts = [`${facts.name}: ${message}`, ...facts.notes, this.traceback];
    this.stack = parts.filter((part) => part !== "").join("\n");
  }

  /** The same with the traceback of a message, which goes further than that of the pickle. */
  withTraceback(traceback: string): PythonException {
    return new PythonException({ ...this.#facts, traceback });
  }
}

/** As `str(exception)`, for what has a form here. */
function messageOf({ name, args }: ExceptionFacts): string {
  if (args.length === 1) return name === "KeyError" ? quoted(args[0]) : text(args[0]);
  const [errno, reason, file] = args;
  const isOs = typeof errno === "number" && typeof reason === "string" && args.length <= 5;
  if (isOs && osErrors.has(name)) {
    const place = file === undefined || file === null ? "" : `: ${quoted(file)}`;
    return `[Errno ${errno}] ${reason}${place}`;
  }
  return args.length === 0 ? "" : `(${args.map(quoted).join(", ")})`;
}

/** Those that Python prints with number, reason and file. */
const osErrors = new Set([
  ...["OSError", "FileNotFoundError", "FileExistsError", "PermissionError", "IsADirectoryError"],
  ...["NotADirectoryError", "BlockingIOError", "ChildProcessError", "ConnectionError"],
  ...["BrokenPipeError", "ConnectionAbortedError", "ConnectionRefusedError", "InterruptedError"],
  ...["ConnectionResetError", "ProcessLookupError", "TimeoutError"],
]);

function text(value: unknown): string {
  return typeof value === "string" ? value : quoted(value);
}

/** As `repr()` has it for plain values. */
function quoted(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "string") return value.includes("'") ? JSON.stringify(value) : `'${value}'`;
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(quoted).join(", ")}]`;
  if (value instanceof Error) return `${value.name}(${JSON.stringify(value.message)})`;
  if (typeof value !== "object") return String(value);
  return describe(value);
}

function describe(value: object): string {
  const typeName: unknown = Reflect.get(value, "typeName");
  if (typeof typeName === "string") return `<${typeName}>`;
  if (Object.getPrototypeOf(value) !== Object.prototype) return `<${value.constructor?.name}>`;
  const entries = Object.entries(value).map(([key, each]) => `${quoted(key)}: ${quoted(each)}`);
  return `{${entries.join(", ")}}`;
}
