// Requests by which people look after a cluster, as far as they change anything: one case per op.
// What each does is in the rooms beside this one.
import { assertNever, type TaskKey } from "@acme/protocol";
import type { CoreRequest, RequestId } from "../events.js";
import type { CallAnswer } from "../outbox.js";
import type { ParkedCopies } from "../parked.js";
import { logEvent } from "../topics.js";
import { settle } from "../transitions/engine.js";
import { refuse, reply, type Turn } from "../turn.js";
import { copied } from "./copies.js";
import { beginSampling, endSampling } from "./memory-samples.js";
import { addPlugin, type PluginChange, removePlugin } from "./plugins.js";
import { nextOfRebalance, rebalance } from "./rebalance.js";
import { manageMemory } from "./reduce-replicas.js";
import { nextRound, notCopied, replicate } from "./replicate.js";
import { TaskStream } from "./task-stream.js";

const ops = [
  "replicate",
  "rebalance",
  "amm_handler",
  "register_worker_plugin",
  "unregister_worker_plugin",
  "register_nanny_plugin",
  "unregister_nanny_plugin",
  "get_task_stream_index",
  "log_event",
  "memory_sampler_start",
  "memory_sampler_stop",
] as const;

/** Ops that this room handles. */
export type OperationOp = (typeof ops)[number];
type OperationRequest = Extract<CoreRequest, { op: OperationOp }>;

const handled: ReadonlySet<string> = new Set(ops);

export const isOperation = (request: CoreRequest): request is OperationRequest =>
  handled.has(request.op);

export function operate(turn: Turn, requestId: RequestId, request: OperationRequest): void {
  const { state } = turn;
  switch (request.op) {
    case "replicate":
      replicate(turn, requestId, request);
      return;
    case "rebalance":
      rebalance(turn, requestId, request);
      return;
    case "amm_handler":
      reply(turn, requestId, manageMemory(turn, request.method));
      return;
    case "register_worker_plugin":
    case "register_nanny_plugin": {
      const kind = request.op === "register_worker_plugin" ? "worker" : "nanny";
      const { name, plugin, idempotent = false } = request;
      answer(turn, requestId, addPlugin(state, { kind, name, plugin, idempotent }));
      return;
    }
    case "unregister_worker_plugin":
      answer(turn, requestId, removePlugin(state, "worker", request.name));
      return;
    case "unregister_nanny_plugin":
      answer(turn, requestId, removePlugin(state, "nanny", request.name));
      return;
    case "get_task_stream_index":
      state.taskStream ??= new TaskStream();
      reply(turn, requestId, state.taskStream.index);
      return;
    case "log_event":
      logEvent(turn, request.topic, request.msg);
      reply(turn, requestId, null);
      return;
    case "memory_sampler_start":
      beginSampling(turn, requestId, request);
      return;
    case "memory_sampler_stop":
      endSampling(turn, requestId, request.key);
      return;
    default:
      assertNever(request);
  }
}

function answer(turn: Turn, requestId: RequestId, change: PluginChange): void {
  if (typeof change === "string") reply(turn, requestId, change);
  else refuse(turn, requestId, change.error, change.raises);
}

/** A worker answered a call of a job that copies. */
export function copyAnswered(
  turn: Turn,
  parked: ParkedCopies,
  callId: number,
  answer: CallAnswer,
): void {
  const what = parked.calls.get(callId);
  if (what === undefined) return;
  parked.calls.delete(callId);
  const failed = copied(turn, what, answer);
  const { job } = parked;
  for (const key of failed) {
    if (job.type === "rebalance") job.failed.add(key);
    else notCopied(turn, job, key as TaskKey, what.worker);
  }
  settle(turn);
  if (parked.calls.size > 0) return;
  if (job.type === "rebalance") nextOfRebalance(turn, parked, job);
  else nextRound(turn, parked, job);
}
