// The words of the text scenarios: each command line becomes one event of the worker core.
// Runs nothing: scenario.ts plays the events and prints what came of them.
import {
  type SchedulerToWorker,
  Serialized,
  type TaskKey,
  taskKey,
  type WireKey,
  workerAddress,
} from "@acme/protocol";
import type { Outcome, WorkerEvent } from "../core/events.js";
import { computeTask, failed, fromScheduler, okOutcome, template } from "./messages.js";

/** A command line, split: `ok 1 bytes=8` has words `["1"]` and options `{bytes: "8"}`. */
export interface Command {
  name: string;
  words: string[];
  options: Map<string, string>;
}

export function parseCommand(line: string): Command {
  const [name = "", ...rest] = line.trim().split(/\s+/);
  const command: Command = { name, words: [], options: new Map() };
  for (const word of rest) {
    const at = word.indexOf("=");
    if (at < 0) command.words.push(word);
    else command.options.set(word.slice(0, at), word.slice(at + 1));
  }
  return command;
}

const number = (command: Command, option: string, otherwise: number): number =>
  Number(command.options.get(option) ?? otherwise);
const word = (command: Command, at = 0): string => command.words[at] ?? "";
const id = (command: Command): number => Number(word(command));

// `x@p1+p2` names a key and its holders.
function holders(words: readonly string[]): Map<WireKey, string[]> {
  return new Map(
    words.map((one): [WireKey, string[]] => {
      const [key = "", at = ""] = one.split("@");
      return [key, at === "" ? [] : at.split("+")];
    }),
  );
}

const sizes = (words: readonly string[], bytes: number): Map<WireKey, number> =>
  new Map([...holders(words).keys()].map((key): [WireKey, number] => [key, bytes]));

const stimulus_id = "scenario";

function compute(command: Command): SchedulerToWorker {
  const { options, words } = command;
  const listed = options.get("inputs")?.split(",") ?? [];
  const annotations: Record<string, unknown> = {};
  if (options.has("slots")) annotations.slots = number(command, "slots", 1);
  if (options.has("executor")) annotations.executor = options.get("executor");
  const resources = options.get("resources")?.split(":");
  return computeTask(word(command), {
    runId: number(command, "run", 1),
    priority: (options.get("priority") ?? "0").split(",").map(Number),
    inputs: Object.fromEntries(holders(listed)) as Record<string, string[]>,
    inputBytes: number(command, "bytes", 8),
    annotations,
    ...(words.includes("isolate") ? { isolate: true } : {}),
    ...(resources === undefined ? {} : { resources: { [resources[0]!]: Number(resources[1]) } }),
  });
}

type ToMessage = (command: Command) => SchedulerToWorker;

const messages: Readonly<Record<string, ToMessage>> = {
  compute,
  template: (command) => template(word(command)),
  "forget-template": (command) => ({ op: "forget-template", id: word(command) }),
  free: ({ words }) => ({ op: "free-keys", keys: words, stimulus_id }),
  cancel: (command) => ({ op: "cancel-compute", key: word(command), stimulus_id }),
  abort: (command) => ({ op: "cancel-compute", key: word(command), stimulus_id, abort: true }),
  steal: (command) => ({
    op: "steal-request",
    key: word(command),
    stimulus_id: word(command, 1),
  }),
  acquire: (command) => ({
    op: "acquire-replicas",
    who_has: holders(command.words),
    nbytes: sizes(command.words, number(command, "bytes", 8)),
    stimulus_id,
  }),
  "remove-replicas": ({ words }) => ({ op: "remove-replicas", keys: words, stimulus_id }),
  refresh: ({ words }) => ({ op: "refresh-who-has", who_has: holders(words), stimulus_id }),
  "remove-worker": (command) => ({
    op: "remove-worker",
    worker: workerAddress(word(command)),
    stimulus_id,
  }),
  status: (command) => ({
    op: "worker-status-change",
    status: word(command) as "paused" | "running" | "closing_gracefully",
    stimulus_id,
  }),
  close: () => ({ op: "close", reason: "scenario" }),
};

const executed = (command: Command, outcome: Outcome): WorkerEvent => ({
  type: "executed",
  orderId: id(command),
  outcome,
});

function fetched(command: Command, outcome: "ok" | "busy" | "failed"): WorkerEvent {
  const arrived = new Map<TaskKey, number>();
  for (const [key, bytes] of command.options) arrived.set(taskKey(key), Number(bytes));
  return { type: "fetched", fetchId: id(command), outcome, arrived };
}

const request = (
  command: Command,
  body: Extract<WorkerEvent, { type: "request" }>["request"],
): WorkerEvent => ({ type: "request", requestId: id(command), request: body });

const ok = (command: Command): WorkerEvent => {
  const inline = command.words.includes("inline") ? Serialized.acme([]) : undefined;
  return executed(
    command,
    okOutcome(number(command, "bytes", 8), number(command, "ms", 1), inline),
  );
};

const events: Readonly<Record<string, (command: Command) => WorkerEvent>> = {
  ok,
  error: (command) => executed(command, failed("error")),
  died: (command) => executed(command, failed("died")),
  returned: (command) => executed(command, { type: "returned" }),
  rescheduled: (command) => executed(command, { type: "rescheduled" }),
  aborted: (command) => executed(command, { type: "aborted" }),
  claimed: (command) => ({ type: "claimed", orderId: id(command) }),
  seceded: (command) => ({ type: "seceded", orderId: id(command) }),
  "executor-ready": (command) => ({ type: "executor-ready", slot: id(command) }),
  "executor-lost": (command) => ({ type: "executor-lost", slot: id(command) }),
  fetched: (command) => fetched(command, "ok"),
  busy: (command) => fetched(command, "busy"),
  failed: (command) => fetched(command, "failed"),
  loaded: (command) => ({ type: "loaded", key: taskKey(word(command)), ok: true }),
  "load-failed": (command) => ({ type: "loaded", key: taskKey(word(command)), ok: false }),
  spilled: (command) => ({ type: "spilled", key: taskKey(word(command)), bytes: 8, ok: true }),
  "spill-failed": (command) => ({
    type: "spilled",
    key: taskKey(word(command)),
    bytes: 0,
    ok: false,
    problem: "The disk of this worker is full.",
  }),
  served: (command) => ({ type: "served", requestId: id(command) }),
  "request-gone": (command) => ({ type: "request-gone", requestId: id(command) }),
  memory: (command) => ({ type: "memory", processBytes: id(command) }),
  get_data: (command) => request(command, { op: "get_data", keys: command.words.slice(1) }),
  free_keys: (command) => request(command, { op: "free_keys", keys: command.words.slice(1) }),
  gather: (command) => request(command, { op: "gather", who_has: holders(command.words.slice(1)) }),
  terminate: (command) => request(command, { op: "terminate" }),
  update_data: (command) => {
    const payloads = [...command.options].map(([key, bytes]): [WireKey, Serialized] => [
      key,
      Serialized.acme([new Uint8Array(Number(bytes))]),
    ]);
    return request(command, { op: "update_data", data: new Map(payloads) });
  },
  leave: (command) => ({ type: "leave", graceMs: id(command), reason: "SIGTERM" }),
  connected: (command) => ({
    type: "connected",
    link: id(command),
    acme: !command.words.includes("dask"),
    heartbeatIntervalMs: 1_000,
  }),
  disconnected: (command) => ({
    type: "disconnected",
    link: id(command),
    reason: "connection reset",
  }),
  heartbeat: (command) => ({
    type: "heartbeat-answered",
    status: word(command) as "OK" | "missing" | "failed",
  }),
};

/** The event that a command line stands for; messages come over the current link. */
export function eventOf(command: Command, link: number): WorkerEvent {
  const toMessage = messages[command.name];
  if (toMessage !== undefined) return fromScheduler(link, toMessage(command));
  const toEvent = events[command.name];
  if (toEvent === undefined) throw new Error(`No such command: ${command.name}`);
  return toEvent(command);
}
