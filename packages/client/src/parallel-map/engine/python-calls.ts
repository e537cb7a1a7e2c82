// Calls of a Python function in a map: each is a task of Python's, and what a task of the map does on a
// worker of ours is to store what came of it. Knows no files and no outcomes.
import { type TaskKey, taskKey } from "@acme/protocol";
import type { CallBatch } from "../../graph/call-batch.js";
import { packCalls } from "../../graph/pack.js";
import { KeyReference, type NameRemote } from "../../graph/references.js";
import { batchOptions, type TaskOptions } from "../../task-options.js";
import { assembleArguments, type CallLayout } from "../call-layout.js";
import type { Row } from "../call-source.js";
import type { CallJob } from "../calls/run-each.js";
import type { TaskOrder } from "../core/index.js";

/** What is called, and with what. */
export interface PythonCallsOfMap {
  readonly fn: (...args: never[]) => unknown;
  readonly layout: CallLayout;
  readonly shared: readonly unknown[];
}

/** The job of a map whose calls give what they get: the value that Python made. */
export const storingJob: Pick<CallJob, "fn" | "calls"> = {
  fn: (value: unknown) => value,
  calls: { ownCount: 1, arguments: [{ from: "own", at: 0 }] },
};

export interface PythonTasks {
  /** Tasks of Python's, to be posted before those that need them. */
  readonly batch: CallBatch;
  /** What stands for the values of a call in the task of the map. */
  readonly rowOf: (order: TaskOrder, index: number) => Row;
}

/** Packs the Python calls of some tasks of a map. */
export async function packPythonCalls(
  { fn, layout, shared }: PythonCallsOfMap,
  orders: readonly TaskOrder[],
  given: {
    readonly rowOf: (index: number) => Row;
    readonly prefix: string;
    readonly options: TaskOptions;
    readonly name: NameRemote;
  },
): Promise<PythonTasks> {
  const { rowOf, prefix, name } = given;
  const { executor: _, ...options } = given.options;
  const keyOf = ({ taskId }: TaskOrder, index: number): TaskKey =>
    taskKey(`${prefix}-python-${taskId}-${index}`);
  const calls = orders.flatMap((order) => order.indexes.map((index) => ({ order, index })));
  const rows = calls.map(({ index }) => assembleArguments(layout, [...rowOf(index), ...shared]));
  const { template, items } = await packCalls({ fn, rows, shared: [] }, name);
  return {
    batch: {
      template,
      keys: calls.map(({ order, index }) => keyOf(order, index)),
      items,
      desired: false,
      options: batchOptions(options),
    },
    rowOf: (order, index) => [new KeyReference(keyOf(order, index))],
  };
}
