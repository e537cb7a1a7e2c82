// What goes into a task and what comes out of it: inputs, results and errors, each in the codec of
// whoever made it or will read it. Calls nothing.
import { decodeValue, encodeError, encodeValue } from "@acme/serialize";
import { type InputCommand, noTemplate, type RunCommand } from "../commands.js";
import { type FormedValue, valueForms } from "../value-form.js";
import { errorForPython, foreignInput, isPythonHandle, valueForPython } from "./python-calls.js";

export interface Input {
  readonly command: InputCommand;
  /** Kept when sharing it between tasks cannot be seen. */
  primitive?: { readonly value: unknown };
}

/** A result as the client that described the task reads it. */
export async function encodeResult(command: RunCommand, value: unknown): Promise<FormedValue> {
  if (command.template === noTemplate || isPythonHandle(value)) return valueForPython(value);
  return { form: valueForms.acme, frames: (await encodeValue(value)).frames };
}

/** An error likewise. */
export function errorFor(command: RunCommand, error: unknown): FormedValue {
  const forPython = command.template === noTemplate ? errorForPython(error) : undefined;
  return forPython ?? { form: valueForms.acme, frames: encodeError(error).frames };
}

/** @param owned - buffers are private already and need no copy */
export async function decodeInputs(
  inputs: readonly Input[],
  owned: boolean,
): Promise<ReadonlyMap<string, unknown>> {
  const values = new Map<string, unknown>();
  for (const input of inputs) values.set(input.command.key, await decodeInput(input, owned));
  return values;
}

async function decodeInput(input: Input, owned: boolean): Promise<unknown> {
  if (input.primitive !== undefined) return input.primitive.value;
  const { frames, form } = input.command;
  if (form !== valueForms.acme) return foreignInput(input.command, owned ? alone : copied);
  const decoded = owned
    ? decodeValue(frames.map(alone), { copyBuffers: false })
    : decodeValue(frames, { copyBuffers: true });
  const value: unknown = await decoded;
  if (typeof value !== "object" && typeof value !== "function") input.primitive = { value };
  return value;
}

const copied = (frame: Uint8Array): Uint8Array => frame.slice();

/** A frame that shares its memory with no other. */
function alone(frame: Uint8Array): Uint8Array {
  return frame.byteLength === frame.buffer.byteLength ? frame : frame.slice();
}

export function inputOf(values: ReadonlyMap<string, unknown>, key: string, task: string): unknown {
  if (values.has(key)) return values.get(key);
  throw new Error(`task ${task} refers to ${key}, which is not among its inputs`);
}
