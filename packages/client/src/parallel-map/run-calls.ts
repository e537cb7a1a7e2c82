// Sends the calls of a map to a cluster as one graph, takes what comes back as it comes, and lets
// go of each result at once. It does not know what the values are.
import { randomUUID } from "node:crypto";
import type { Client } from "../client.js";
import { collect } from "../collect.js";
import type { FutureRecord } from "../shell/future-record.js";
import type { TaskOptions } from "../task-options.js";
import type { Inputs } from "./inputs.js";

export interface CallRun {
  /** Gets the number of the call, its own values, and the shared ones. */
  readonly task: (index: number, ...values: never[]) => unknown;
  /** Prefix of the keys. */
  readonly name: string;
  readonly inputs: Inputs;
  readonly options: TaskOptions;
  readonly onValue: (index: number, value: unknown) => void;
  readonly onError: (index: number, error: Error) => void;
}

/**
 * Runs all calls; resolves when each has ended, or was cancelled by the signal.
 *
 * @throws FunctionShipError if function or arguments cannot be sent, ClientClosedError
 */
export async function runCalls(client: Client, run: CallRun): Promise<void> {
  const { inputs } = run;
  // Never by content: two runs of one map are two runs, and a random function differs each time.
  const prefix = `${run.name}-${randomUUID().replaceAll("-", "")}`;
  const indexes = Array.from({ length: inputs.count }, (_, i) => i);
  const futures = client.map(run.task as (...values: unknown[]) => unknown, lists(run), {
    ...run.options,
    key: indexes.map((i) => `${prefix}-${i}`),
    args: [...inputs.shared],
  });
  try {
    const first = futures[0];
    if (first === undefined) return;
    await first.posted();
    const records = futures.map((future) => future.record as FutureRecord);
    const ended = (index: number) => futures[index]?.release();
    const failed = (index: number, error: Error) => {
      run.onError(index, error);
      ended(index);
    };
    await collect(first.session, records, {
      value: (index, value) => {
        run.onValue(index, value);
        ended(index);
      },
      failed,
      unreadable: failed,
    });
  } finally {
    for (const future of futures) future.release();
  }
}

/** One list per position: the numbers of the calls, then each argument that is spread. */
function lists({ inputs }: CallRun): unknown[][] {
  const { ownCount } = inputs.layout;
  const columns = Array.from({ length: 1 + ownCount }, () => new Array<unknown>(inputs.count));
  for (let i = 0; i < inputs.count; i++) {
    columns[0]![i] = i;
    inputs.row(i).forEach((value, at) => {
      columns[at + 1]![i] = value;
    });
  }
  return columns;
}
