// Sends the tasks of one map and tells how each ended. Packs the function once for the whole map,
// and holds nothing of a task that is over. It does not know what the values are.
import { type TaskKey, taskKey } from "@acme/protocol";
import type { Client } from "../../client.js";
import {
  type CallBatch,
  type PackedTemplate,
  type PackedValue,
  packedBytes,
} from "../../graph/call-batch.js";
import { packCalls } from "../../graph/pack.js";
import { KeyReference, type RemoteValue } from "../../graph/references.js";
import { templatesOfGraph } from "../../graph/templates.js";
import type { FutureRecord } from "../../shell/future-record.js";
import type { Session } from "../../shell/session.js";
import { nameFutures } from "../../shell/submit.js";
import { batchOptions, type TaskOptions } from "../../task-options.js";
import { askForValue, failureOf, openValue } from "../../values.js";
import type { Row } from "../call-source.js";
import { reportIn } from "../calls/calls-failed.js";
import type { CallsReport, SentCalls } from "../calls/run-each.js";
import type { TaskId, TaskOrder } from "../core/index.js";
import { mapLimits } from "../map-limits.js";
import { type PythonCallsOfMap, packPythonCalls } from "./python-calls.js";

export interface SenderOptions {
  /** Gets the calls of the task, then the shared values; gives a {@link CallsReport}. */
  readonly task: (sent: SentCalls, ...shared: never[]) => unknown;
  readonly shared: readonly unknown[];
  /** What the keys of this run begin with, and of no other. */
  readonly prefix: string;
  readonly options: TaskOptions;
  /** The calls are Python's: the task stores what they give. */
  readonly python?: PythonCallsOfMap | undefined;
  readonly onReport: (taskId: TaskId, report: CallsReport) => void;
  readonly onFailure: (taskId: TaskId, error: Error) => void;
  /** Nothing can be sent: the function itself cannot, or the client is closed. */
  readonly onFatal: (error: unknown) => void;
  readonly onPacked: (bytesPerCall: number) => void;
}

export class TaskSender {
  readonly #session: Session;
  readonly #options: SenderOptions;
  /** All tasks see the captured values of one moment. */
  readonly #templates = templatesOfGraph();
  /** Undefined while a task is being packed. */
  readonly #records = new Map<TaskId, SentTask | undefined>();
  /** While the scheduler has a task of a template, it has the template too. */
  readonly #held = new Map<string, Held>();

  constructor(client: Client, options: SenderOptions) {
    this.#session = client.session;
    this.#options = options;
  }

  /** True once the client is closed, when every failure is only that. */
  get isCut(): boolean {
    return !this.#session.isOpen;
  }

  /** @param rowOf - the own values of a call */
  send(orders: readonly TaskOrder[], rowOf: (index: number) => Row): void {
    for (const [memoryBytes, alike] of byMemory(orders)) {
      for (const { taskId } of alike) this.#records.set(taskId, undefined);
      this.#pack(alike, rowOf, memoryBytes).catch(this.#options.onFatal);
    }
  }

  cancel(taskIds: readonly TaskId[]): void {
    const keys: TaskKey[] = [];
    for (const taskId of taskIds) {
      const sent = this.#records.get(taskId);
      if (sent !== undefined) keys.push(sent.record.key);
    }
    if (keys.length > 0 && this.#session.isOpen) this.#session.cancel(keys, false);
    for (const taskId of taskIds) this.#forget(taskId, false);
  }

  /** Lets go of everything. */
  close(): void {
    this.cancel([...this.#records.keys()]);
    for (const { kept } of this.#held.values()) if (kept !== null) this.#session.release(kept);
    this.#held.clear();
  }

  async #pack(
    orders: readonly TaskOrder[],
    rowOf: (index: number) => Row,
    memoryBytes: number | null,
  ): Promise<void> {
    const { task, shared, prefix, python } = this.#options;
    const limits = memoryBytes === null ? {} : { memoryBytes };
    const options = { ...this.#options.options, ...limits };
    const named = nameFutures(this.#session);
    const before =
      python && (await packPythonCalls(python, orders, { rowOf, prefix, options, name: named }));
    const rows = orders.map((order): [SentCalls] => {
      const ownOf = (index: number) => before?.rowOf(order, index) ?? rowOf(index);
      const calls = order.indexes.map((index) => [index, ...ownOf(index)] as const);
      return [{ attempt: order.attempt, rows: calls }];
    });
    const name = Object.assign(
      (value: RemoteValue) => (value instanceof KeyReference ? value.key : named(value)),
      { isDask: this.#session.isDask },
    );
    const calls = { fn: task as (...args: never[]) => unknown, rows, shared };
    const { template, items, warnings } = await packCalls(calls, name, this.#templates);
    for (const { code, message } of warnings) this.#session.warnOnce(code, message);
    this.#session.assertOpen();
    this.#warnOfSize(template);
    this.#tellSize(orders, items);
    // Where the calls run was the user's choice; their results are stored anywhere.
    const placed = python === undefined ? options : { priority: options.priority };
    const batch = { orders, template, items, before: before?.batch, options: placed };
    this.#post(
      batch,
      orders.map((order) => keyOf(prefix, order)),
    );
  }

  #post(batch: PackedOrders, keys: readonly TaskKey[]): void {
    const { orders, template, items, before, options } = batch;
    const session = this.#session;
    const rest = { keys, items, desired: true, options: batchOptions(options) };
    session.graphs.add({
      batches: () => [
        ...(before === undefined ? [] : [before]),
        { template: { ...template, isThere: this.#held.has(template.id) }, ...rest },
      ],
      keys,
      onPosted: (records) => {
        const cancelled: TaskKey[] = [];
        for (let i = 0; i < orders.length; i++) {
          const { taskId } = orders[i] as TaskOrder;
          const record = records[i] as FutureRecord;
          if (this.#records.has(taskId)) this.#await(taskId, { record, templateId: template.id });
          else {
            cancelled.push(record.key);
            session.release(record);
          }
        }
        if (cancelled.length > 0) session.cancel(cancelled, false);
      },
    });
  }

  #await(taskId: TaskId, sent: SentTask): void {
    const { record, templateId } = sent;
    this.#records.set(taskId, sent);
    const { tasks = 0, kept = null } = this.#held.get(templateId) ?? {};
    this.#held.set(templateId, { tasks: tasks + 1, kept: null });
    if (kept !== null) this.#session.release(kept);
    const { onReport, onFailure } = this.#options;
    const failed = (error: Error) => {
      if (!this.#forget(taskId)) return;
      const report = reportIn(error);
      if (report === undefined) onFailure(taskId, error);
      else onReport(taskId, report);
    };
    const opened = (report: unknown) => {
      if (this.#forget(taskId)) onReport(taskId, report as CallsReport);
    };
    askForValue(this.#session, record, {
      value: (delivered) => {
        try {
          const value = openValue(delivered);
          if (value instanceof Promise) value.then(opened, failed);
          else opened(value);
        } catch (error) {
          failed(error as Error);
        }
      },
      failed: () => failed(failureOf(record)),
    });
  }

  /**
   * @param isOver - it has ended: the last one of a template stays until there is a newer one, so that
   *   what calls share need not be sent again
   * @returns false if it was forgotten before
   */
  #forget(taskId: TaskId, isOver = true): boolean {
    if (!this.#records.has(taskId)) return false;
    const sent = this.#records.get(taskId);
    this.#records.delete(taskId);
    if (sent === undefined) return true;
    const tasks = (this.#held.get(sent.templateId)?.tasks ?? 1) - 1;
    const kept = isOver && tasks === 0 ? sent.record : null;
    if (kept === null) this.#session.release(sent.record);
    if (kept === null && tasks === 0) this.#held.delete(sent.templateId);
    else this.#held.set(sent.templateId, { tasks, kept });
    return true;
  }

  /** It goes to the scheduler once, but to every worker from there. */
  #warnOfSize(template: PackedTemplate): void {
    const bytes = packedBytes(template);
    if (bytes < mapLimits.sharedToldBytes) return;
    const size = `${Math.round(bytes / 1e6)} MB`;
    const message =
      `what all calls share takes ${size}, and every worker loads it: ` +
      "if that is slow, put it into a file that they read";
    this.#session.warnOnce("large-shared", message);
  }

  #tellSize(orders: readonly TaskOrder[], items: readonly PackedValue[]): void {
    let bytes = 0;
    for (const { frames } of items) for (const frame of frames) bytes += frame.byteLength;
    const calls = orders.reduce((sum, { indexes }) => sum + indexes.length, 0);
    this.#options.onPacked(bytes / calls);
  }
}

/** A task that the scheduler has, until it is released. */
interface SentTask {
  readonly record: FutureRecord;
  readonly templateId: string;
}

interface Held {
  /** Those that are not over. */
  readonly tasks: number;
  /** One that is, where there is no other. */
  readonly kept: FutureRecord | null;
}

interface PackedOrders {
  readonly orders: readonly TaskOrder[];
  readonly template: PackedTemplate;
  readonly items: readonly PackedValue[];
  readonly before: CallBatch | undefined;
  readonly options: TaskOptions;
}

/** Unique for each call of a run and each of its attempts. */
function keyOf(prefix: string, { indexes, attempt }: TaskOrder): TaskKey {
  const several = indexes.length > 1 ? `+${indexes.length - 1}` : "";
  return taskKey(`${prefix}-${indexes[0]}${several}${attempt > 1 ? `-try${attempt}` : ""}`);
}

function byMemory(orders: readonly TaskOrder[]): Map<number | null, TaskOrder[]> {
  const groups = new Map<number | null, TaskOrder[]>();
  for (const order of orders) {
    const group = groups.get(order.memoryBytes);
    if (group === undefined) groups.set(order.memoryBytes, [order]);
    else group.push(order);
  }
  return groups;
}
