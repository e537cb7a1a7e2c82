// Tasks that Python clients described, and values of Python peers, inside an executor. The package
// that knows Python is loaded when the first of them comes; what runs here is JavaScript alone.
import { pathToFileURL } from "node:url";
import { AcmeError, type Pickled, type TaskKey } from "@acme/protocol";
import { loadExport } from "@acme/serialize";
import type { InputCommand, RunCommand } from "../commands.js";
import { type FormedValue, formed, payloadOf, valueForms } from "../value-form.js";

type Python = typeof import("@acme/python");

/** Thrown for a task that only Python can run. */
export class ForeignTaskError extends AcmeError {
  readonly code = "FOREIGN_TASK";

  constructor(key: string, callable: string) {
    super(
      `task ${key} calls ${callable}, which is Python's, and came to a worker that runs JavaScript\n` +
        '  what to do: ask for Python workers, for example with resources={"LANG-py": 1}, or ' +
        "submit JavaScript functions by name",
    );
    // Where in the worker this was found out helps nobody.
    this.stack = "";
  }
}

let loaded: Python | undefined;

async function python(): Promise<Python> {
  loaded ??= await import("@acme/python");
  return loaded;
}

/** The value of an input that a Python worker or client made. */
export async function foreignInput(
  { form, frames }: InputCommand,
  own: (frame: Uint8Array) => Uint8Array,
): Promise<unknown> {
  const { readPython } = await python();
  return readPython(payloadOf({ form, frames: frames.map(own) }));
}

/**
 * What a Python client wants computed, ready to be called.
 *
 * @throws ForeignTaskError if it is not for JavaScript
 */
export async function pythonCall(
  { key, items }: RunCommand,
  input: (key: TaskKey) => unknown,
): Promise<() => Promise<unknown>> {
  const { readRunSpec, evaluateSpec, readSpecValue } = await python();
  const payload = payloadOf({ form: valueForms.pickled, frames: items }) as Pickled;
  const { spec, callsJs, callsPython } = readRunSpec(payload.pickle, payload.frames);
  if (callsPython !== undefined || !callsJs) {
    throw new ForeignTaskError(key, callsPython ?? "nothing but holds data of Python");
  }
  const baseUrl = pathToFileURL(`${process.cwd()}/`).href;
  const load = (reference: { module: string; export: string }) => loadExport(reference, baseUrl);
  return () =>
    evaluateSpec(spec, { input, load, value: (node, at) => readSpecValue(node, at, payload) });
}

/** A value that has no form here and is passed on as it came. */
export const isPythonHandle = (value: unknown): boolean =>
  loaded !== undefined && value instanceof loaded.PythonObject;

/** A value as Python reads it. */
export async function valueForPython(value: unknown): Promise<FormedValue> {
  const { writePython } = await python();
  return formed(writePython(value));
}

/** An error as Python raises it; undefined if no task of Python's has come here yet. */
export function errorForPython(error: unknown): FormedValue | undefined {
  return loaded === undefined ? undefined : formed(loaded.jsException(error));
}
