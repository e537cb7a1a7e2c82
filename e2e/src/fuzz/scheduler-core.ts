// The scheduler's core under fuzzed messages, without sockets: each step is validated, everything
// it wants to say is encoded, and at the end, when all peers are gone, nothing may be left. One
// seed is one run to the byte; what fails here needs no network to be understood.
import {
  clientToScheduler,
  decodeMessage,
  encodeMessage,
  isAcmeError,
  type MessageReader,
  schedulerRequest,
  taskKey,
  workerToScheduler,
} from "@acme/protocol";
import {
  newOutbox,
  newState,
  type Outbox,
  type SchedulerEvent,
  type SchedulerState,
  step,
  validate,
  view,
} from "@acme/scheduler/core";
import { Random } from "../sim/random.js";
import { type Input, makeInput, makeInputOf, OpCounts } from "./directions.js";
import { type Flight, type Making, Vocabulary } from "./vocabulary.js";

/** A connection that the core knows by number. */
interface FuzzLink {
  readonly kind: "worker" | "client";
  readonly link: number;
  flights: Flight[];
}

/** Ops that the shell answers without an event. */
const reads = new Set([
  "benchmark_hardware",
  "get_error_cause",
  "get_runspec",
  "call_stack",
  "check_idle",
  "dump_cluster_state_to_url",
  "dump_state",
  "echo",
  "events",
  "feed",
  "get_cluster_state",
  "get_logs",
  "get_task_prefix_states",
  "get_task_stream",
  "logs",
  "performance_report",
  "profile",
  "register_scheduler_plugin",
  "run_function",
  "subscribe_worker_status",
  "unregister_scheduler_plugin",
  "worker_logs",
  "identity",
  "who_has",
  "has_what",
  "nbytes",
  "processing",
  "ncores",
  "ncores_running",
  "get_task_status",
  "get_story",
  "explain",
  "adaptive_target",
  "worker_sights",
  "workers_to_close",
  "get_metadata",
  "broadcast",
  "proxy",
  "versions",
  "terminate",
  "register_nanny",
  "gather",
]);

const mostLinks = 12;
const flightsKept = 64;

export interface CoreReport {
  readonly inputs: number;
  readonly accepted: number;
  readonly refused: number;
  readonly counts: OpCounts;
}

/** Runs one seed. @throws what the core threw, with the input that made it throw */
export function fuzzSchedulerCore(seed: number, inputs: number): CoreReport {
  return new CoreFuzz(seed).run(inputs);
}

class CoreFuzz {
  readonly state: SchedulerState;
  readonly counts = new OpCounts();
  readonly #random: Random;
  readonly #names = new Vocabulary("f");
  #links: FuzzLink[] = [];
  #nowMs = 1e12;
  #lastLink = 0;
  #lastRequest = 0;
  #open = new Set<number>();
  #transfers: Outbox["transfers"] = [];
  #calls: Outbox["calls"] = [];
  #pending = new Map<number, FuzzLink>();
  #accepted = 0;
  #refused = 0;
  #latest: Input[] = [];

  constructor(seed: number) {
    this.#random = new Random(seed);
    const startedMs = this.#nowMs;
    // Small steps cut even these graphs into parts.
    const keysPerStep = this.#random.pick([2, 5, 25_000]);
    this.state = newState({ id: "Scheduler-fuzz", seed, startedMs, keysPerStep, validate: true });
  }

  run(inputs: number): CoreReport {
    for (let sent = 0; sent < inputs; ) {
      const events: SchedulerEvent[] = [];
      this.#latest = [];
      for (let left = this.#random.whole(1, 3); left > 0; left--) {
        events.push(...this.#next());
        sent += 1;
      }
      this.#step(events);
    }
    this.#end();
    const { counts } = this;
    return { inputs, accepted: this.#accepted, refused: this.#refused, counts };
  }

  #making(flights: readonly Flight[] = []): Making {
    return { random: this.#random, names: this.#names, flights };
  }

  #next(): SchedulerEvent[] {
    const random = this.#random;
    if (random.chance(0.04)) return this.#surroundings();
    const link = this.#links.length === 0 ? undefined : random.pick(this.#links);
    if (link === undefined || random.chance(0.25)) return this.#request();
    const direction = link.kind === "worker" ? "worker stream" : "client stream";
    const input = makeInput(direction, this.#making(link.flights));
    if (link.kind === "worker") {
      const message = this.#read(workerToScheduler, input);
      if (message === undefined) return this.#gone(link);
      return [{ type: "worker-messages", link: link.link, messages: [message] }];
    }
    const message = this.#read(clientToScheduler, input);
    if (message === undefined) return this.#gone(link);
    return [{ type: "client-messages", link: link.link, messages: [message] }];
  }

  #read<M extends { op: string | null }>(
    reader: MessageReader<M>,
    input: Input,
  ): Exclude<M, { op: null }> | undefined {
    this.counts.count(input);
    this.#latest.push(input);
    try {
      const message = reader.read(decodeMessage(encodeMessage(input.message)));
      if (message.op === null) return undefined;
      this.#accepted += 1;
      return message as Exclude<M, { op: null }>;
    } catch (error) {
      if (!isAcmeError(error)) throw this.#explain(error);
      this.#refused += 1;
      return undefined;
    }
  }

  /** A stream with a bad message is closed, sometimes; else the fuzzer would only ever connect. */
  #gone(link: FuzzLink): SchedulerEvent[] {
    if (this.#random.chance(0.7)) return [];
    this.#links = this.#links.filter((one) => one !== link);
    const type = link.kind === "worker" ? "worker-gone" : "client-gone";
    return [{ type, link: link.link, reason: "bad message" }];
  }

  #request(): SchedulerEvent[] {
    const register = this.#links.length < mostLinks && this.#random.chance(0.4);
    const op = this.#random.pick(["register-worker", "register-client"]);
    const input = register
      ? makeInputOf("scheduler rpc", op, this.#making(), { sound: 0.5 })
      : makeInput("scheduler rpc", this.#making());
    const request = this.#read(schedulerRequest, input);
    if (request === undefined || reads.has(request.op)) return [];
    this.#lastRequest += 1;
    const requestId = this.#lastRequest;
    this.#open.add(requestId);
    switch (request.op) {
      case "register-worker":
        return [
          {
            type: "worker-registered",
            requestId,
            link: this.#newLink(requestId, "worker"),
            registration: request,
          },
        ];
      case "register-client":
        return [
          {
            type: "client-registered",
            requestId,
            link: this.#newLink(requestId, "client"),
            client: request.client as never,
            acme: request.acme,
          },
        ];
      case "scatter": {
        const sizes = new Map(
          [...request.data].map(([key, value]) => [taskKey(key), value.nbytes]),
        );
        const { client, workers, broadcast } = request;
        return [
          {
            type: "scatter-requested",
            requestId,
            client: client as never,
            sizes,
            workers,
            broadcast,
          },
        ];
      }
      default:
        return [{ type: "request", requestId, link: 0, request: request as never }];
    }
  }

  #newLink(requestId: number, kind: FuzzLink["kind"]): number {
    this.#lastLink += 1;
    this.#pending.set(requestId, { kind, link: this.#lastLink, flights: [] });
    return this.#lastLink;
  }

  /** Time, connections that end, peers that answer, askers that go. */
  #surroundings(): SchedulerEvent[] {
    const random = this.#random;
    this.#nowMs += random.pick([0, 5, 300, 5_000, 40_000]);
    const events: SchedulerEvent[] = [];
    for (const { transferId, worker } of this.#transfers.splice(0)) {
      events.push({ type: "transferred", transferId, worker, ok: random.chance(0.6) });
    }
    for (const { callId } of this.#calls.splice(0)) {
      const reply = random.pick<unknown>([
        "OK",
        { status: "OK" },
        new Map<string, unknown>([["status", "partial-fail"]]),
        new Map<string, unknown>([
          ["status", "partial-fail"],
          ["keys", [random.pick(["f-k-1", "f-k-2"]), [null]]],
        ]),
      ]);
      if (random.chance(0.5)) events.push({ type: "call-done", callId, reply });
      else events.push({ type: "call-failed", callId, message: "no such nanny" });
    }
    if (this.#links.length > 0 && random.chance(0.5)) {
      const link = random.pick(this.#links);
      this.#links = this.#links.filter((one) => one !== link);
      const type = link.kind === "worker" ? "worker-gone" : "client-gone";
      events.push({ type, link: link.link, reason: "went away" });
    }
    if (random.chance(0.3)) {
      for (const requestId of this.#open) events.push({ type: "request-gone", requestId });
      this.#open.clear();
    }
    const address = this.#names.address(this.#making());
    const task = random.chance(0.3) ? this.state.tasks.values().next().value : undefined;
    if (task !== undefined)
      events.push({ type: "missing-data", address, keys: [task.key] } as never);
    return events;
  }

  #step(events: readonly SchedulerEvent[]): void {
    const out = newOutbox();
    try {
      step(this.state, events, this.#nowMs, out);
      validate(this.state);
      this.#carryOut(out);
      if (this.#random.chance(0.05)) {
        encodeMessage(view.identity(this.state, { address: "tcp://127.0.0.1:8786" }) as object);
      }
    } catch (error) {
      throw this.#explain(error);
    }
  }

  #carryOut(out: Outbox): void {
    for (const answer of out.replies) {
      this.#open.delete(answer.requestId);
      const link = this.#pending.get(answer.requestId);
      this.#pending.delete(answer.requestId);
      if ("error" in answer) continue;
      encodeMessage((answer.reply ?? null) as object);
      if (link !== undefined) this.#links.push(link);
    }
    for (const [number, messages] of out.links) {
      encodeMessage(messages as never);
      const link = this.#links.find((one) => one.link === number);
      if (link === undefined) continue;
      for (const message of messages) {
        if (message.op === "compute-task") {
          link.flights.push({ key: message.key, runId: message.run_id });
        }
      }
      link.flights = link.flights.slice(-flightsKept);
    }
    for (const { link } of out.close) {
      const closed = this.#links.find((one) => one.link === link);
      if (closed === undefined) continue;
      this.#links = this.#links.filter((one) => one !== closed);
    }
    for (const call of out.calls) encodeMessage(call.request);
    this.#transfers.push(...out.transfers);
    this.#calls.push(...out.calls);
  }

  /** Everybody goes, time passes: what is left then is a leak. */
  #end(): void {
    this.#latest = [];
    const events: SchedulerEvent[] = this.#links.map(({ kind, link }) => ({
      type: kind === "worker" ? "worker-gone" : "client-gone",
      link,
      reason: "the end",
    }));
    for (const requestId of this.#open) events.push({ type: "request-gone", requestId });
    this.#links = [];
    this.#step(events);
    for (let i = 0; i < 4 || (this.state.backlog.size > 0 && i < 5_000); i++) {
      this.#nowMs += 2 * 24 * 3_600_000;
      this.#step(this.#surroundings());
    }
    const { state } = this;
    const kept = keptByNames(state);
    const among = (of: (task: Task) => unknown): number => new Set(kept.tasks.map(of)).size;
    const left = {
      tasks: state.tasks.size - kept.tasks.length,
      workers: state.workers.size,
      clients: state.clients.size - kept.keepers,
      parked: state.parked.size,
      groups: state.groups.size - among(({ group }) => group),
      constraints: state.constraints.size - among(({ constraint }) => constraint),
      templates: kept.tasks.length > 0 ? 0 : state.templates.size,
      calls: state.calls.size,
      transfers: state.transfers.size,
      retiring: state.retiring.size,
      subscribers: state.topics.subscribers.size,
      aliases: state.aliases.size,
    };
    const leaks = Object.entries(left).filter(([, size]) => size > 0);
    if (leaks.length > 0) throw new Error(`left behind: ${JSON.stringify(leaks)}`);
  }

  #explain(cause: unknown): Error {
    const inputs = this.#latest.map(({ message }) => describe(message)).join("\n  ");
    return new Error(`${(cause as Error).message}\nafter\n  ${inputs}`, { cause });
  }
}

/** A message as text for people, cut where it is long. */
function describe(message: unknown): string {
  const text = JSON.stringify(message, (_, value: unknown) => {
    if (typeof value === "bigint") return `${value}n`;
    if (typeof value === "number" && !Number.isFinite(value)) return String(value);
    if (value instanceof Map) return { map: [...value] };
    if (value instanceof Set) return { set: [...value] };
    if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString("hex")}`;
    return value;
  });
  return text.length > 3_000 ? `${text.slice(0, 3_000)}…` : text;
}

type Task = ReturnType<SchedulerState["tasks"]["get"]> & object;

/** Variables, queues and datasets outlive their clients, and so does what they refer to. */
function keptByNames(state: SchedulerState): { keepers: number; tasks: Task[] } {
  const keepers = [...state.clients.values()].filter(({ id }) =>
    /^(variable-|queue-|published-|fire-and-forget$)/.test(id),
  );
  const tasks = new Set<Task>();
  const stack = keepers.flatMap(({ wants }) => [...wants]);
  for (let task = stack.pop(); task !== undefined; task = stack.pop()) {
    if (tasks.has(task)) continue;
    tasks.add(task);
    const needed = task.dependencies;
    if (needed === null) continue;
    stack.push(...(needed instanceof Set || Array.isArray(needed) ? needed : [needed]));
  }
  return { keepers: keepers.length, tasks: [...tasks] };
}
