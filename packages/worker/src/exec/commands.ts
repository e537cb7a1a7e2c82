// What the control thread tells an executor, written to and read from batches. Written by lanes,
// read by the task runner, the same for threads and child processes.
import { assertNever } from "@acme/protocol";
import type { OrderId } from "../core/events.js";
import { type Batch, BatchReader, type BatchWriter } from "./batch.js";
import type { ValueForm } from "./value-form.js";

/** Number of a template on this worker: short, unlike its id; counts from 1. */
export type TemplateNumber = number;
/** In the place of a template: the task is what a Python client described. */
export const noTemplate = 0;

/** The value of an input; orders of the same batch refer to it by its number in the batch. */
export interface InputCommand {
  type: "input";
  key: string;
  form: ValueForm;
  frames: readonly Uint8Array[];
}

export interface RunCommand {
  type: "run";
  orderId: OrderId;
  /** The place of its state in memory both sides see; -1: there is none. */
  cell: number;
  key: string;
  template: TemplateNumber;
  /** The row of the call, then its large buffers; without template the header and frames of a run spec. */
  items: readonly Uint8Array[];
  /** Numbers of inputs that came earlier in this batch. */
  inputs: readonly number[];
}

export type Command =
  | { type: "learn"; template: TemplateNumber; frames: readonly Uint8Array[] }
  | { type: "forget"; template: TemplateNumber }
  | InputCommand
  | RunCommand
  | { type: "cancel"; orderId: OrderId };

const codes = { learn: 1, forget: 2, input: 3, run: 4, cancel: 5 } as const;

export function writeCommand(writer: BatchWriter, command: Command): void {
  writer.number(codes[command.type]);
  switch (command.type) {
    case "learn":
      writer.number(command.template);
      writer.frames(command.frames);
      return;
    case "forget":
      writer.number(command.template);
      return;
    case "input":
      writer.text(command.key);
      writer.number(command.form);
      writer.frames(command.frames);
      return;
    case "run":
      writeRun(writer, command);
      return;
    case "cancel":
      writer.number(command.orderId);
      return;
    default:
      assertNever(command);
  }
}

function writeRun(writer: BatchWriter, command: RunCommand): void {
  writer.number(command.orderId);
  writer.number(command.cell);
  writer.number(command.template);
  writer.text(command.key);
  writer.frames(command.items);
  writer.number(command.inputs.length);
  for (const input of command.inputs) writer.number(input);
}

/** The commands of a batch, in order. */
export function readCommands(batch: Batch): Command[] {
  const reader = new BatchReader(batch);
  const commands: Command[] = [];
  while (!reader.isAtEnd) commands.push(readCommand(reader));
  return commands;
}

function readCommand(reader: BatchReader): Command {
  const code = reader.number() as (typeof codes)[Command["type"]];
  switch (code) {
    case codes.learn:
      return { type: "learn", template: reader.number(), frames: reader.frames() };
    case codes.forget:
      return { type: "forget", template: reader.number() };
    case codes.input:
      return {
        type: "input",
        key: reader.text(),
        form: reader.number() as ValueForm,
        frames: reader.frames(),
      };
    case codes.run:
      return readRun(reader);
    case codes.cancel:
      return { type: "cancel", orderId: reader.number() };
    default:
      return assertNever(code);
  }
}

function readRun(reader: BatchReader): RunCommand {
  const orderId = reader.number();
  const cell = reader.number();
  const template = reader.number();
  const key = reader.text();
  const items = reader.frames();
  const inputs: number[] = [];
  for (let left = reader.number(); left > 0; left--) inputs.push(reader.number());
  return { type: "run", orderId, cell, key, template, items, inputs };
}
