// Who says what to whom: the protocol's tables by direction, so that every op of every table can
// be made, and counted. An op that is added to a table is fuzzed without a change here.
import {
  clientToScheduler,
  type MessageReader,
  nannyRequest,
  schedulerRequest,
  schedulerToWorker,
  workerRequest,
  workerToScheduler,
} from "@acme/protocol";
import { spoil } from "./mutate.js";
import { validMessage } from "./valid-values.js";
import type { Making } from "./vocabulary.js";

/** What a fuzzer sends, by receiver and conversation. */
export type Direction =
  | "scheduler rpc"
  | "client stream"
  | "worker stream"
  | "worker rpc"
  | "nanny rpc"
  | "scheduler stream";

export const directions: Readonly<Record<Direction, MessageReader<unknown>>> = {
  "scheduler rpc": schedulerRequest,
  "client stream": clientToScheduler,
  "worker stream": workerToScheduler,
  "worker rpc": workerRequest,
  "nanny rpc": nannyRequest,
  "scheduler stream": schedulerToWorker,
};

/** One message for a peer. */
export interface Input {
  readonly direction: Direction;
  readonly op: string;
  readonly message: Map<unknown, unknown>;
  /** Places that were changed in a sound message. */
  readonly spoilt: number;
}

export interface InputOptions {
  /** True for what would end the experiment, such as `terminate`. */
  readonly without?: ((op: string, direction: Direction) => boolean) | undefined;
  /** Share of messages that stay sound; they build up the state that others contradict. */
  readonly sound?: number | undefined;
  /** Share of mutations that keep the type of a value. */
  readonly sameType?: number | undefined;
}

/** Makes one message of an op, mostly spoilt. */
export function makeInput(direction: Direction, making: Making, options: InputOptions = {}): Input {
  const { random } = making;
  const { shapes } = directions[direction];
  const ops = [...shapes.keys()].filter((op) => options.without?.(op, direction) !== true);
  return makeInputOf(direction, random.pick(ops), making, options);
}

/** The same for an op that is given. */
export function makeInputOf(
  direction: Direction,
  op: string,
  making: Making,
  { sound = 0.3, sameType = 0.8 }: InputOptions = {},
): Input {
  const shapes = directions[direction].shapes.get(op) ?? {};
  const message = validMessage(op, shapes, making);
  const spoilt = making.random.chance(sound) ? 0 : spoil(message, making, { sameType });
  return { direction, op, message, spoilt };
}

/** Counts which ops were sent. */
export class OpCounts {
  readonly #counts = new Map<string, number>();

  count({ direction, op }: Pick<Input, "direction" | "op">): void {
    const name = `${direction}: ${op}`;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  /** Ops of these directions that were never sent. */
  missing(of: readonly Direction[]): string[] {
    const all = of.flatMap((one) => directions[one].ops.map((op) => `${one}: ${op}`));
    return all.filter((name) => !this.#counts.has(name));
  }

  /** Ops sent, and how often the rarest was. */
  summary(): { ops: number; rarest: number; inputs: number } {
    const counts = [...this.#counts.values()];
    const inputs = counts.reduce((sum, count) => sum + count, 0);
    return { ops: counts.length, rarest: Math.min(...counts), inputs };
  }
}
