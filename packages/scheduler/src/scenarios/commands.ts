// The commands of scenario files, one handler each.
// They make events of words and read the view; what is right is in the scenario's own text.
import {
  clientId,
  Serialized,
  type TaskKey,
  taskKey,
  type WorkerAddress,
  type WorkerStatus,
} from "@acme/protocol";
import { view } from "../core/index.js";
import {
  actorsOf,
  foreignGraph,
  isPython,
  nativeGraph,
  pairs,
  wantedKeys,
} from "./graph-command.js";
import { operationCommands } from "./operation-commands.js";
import { shorten } from "./print.js";
import { requestCommands } from "./request-commands.js";
import type { Command } from "./script.js";
import { shuffleCommands } from "./shuffle-commands.js";
import type { World } from "./world.js";

export type Handler = (world: World, command: Command) => void;

const addressOf = (name: string): WorkerAddress => `tcp://${name}:1` as WorkerAddress;

const word = ({ words, name }: Command, at: number): string => {
  const found = words[at];
  if (found === undefined) throw new Error(`${name} needs more words`);
  return found;
};

const stimulus_id = "s";

function runOf(world: World, command: Command): number {
  const given = command.options.get("run");
  if (given !== undefined) return Number(given);
  return world.runs.get(`${word(command, 0)} ${word(command, 1)}`) ?? -1;
}

const connecting: Record<string, Handler> = {
  worker(world, command) {
    const name = word(command, 0);
    const { options, words } = command;
    const python = words.includes("python");
    world.events.push({
      type: "worker-registered",
      requestId: world.request(),
      link: world.connect(name),
      registration: {
        op: "register-worker",
        address: addressOf(options.get("at") ?? name),
        status: (options.get("status") ?? "running") as WorkerStatus,
        nthreads: Number(options.get("threads") ?? 1),
        name: options.get("name") ?? name,
        now: 0,
        resources: pairs(options.get("resources")) ?? new Map(),
        memory_limit: options.has("limit") ? Number(options.get("limit")) : null,
        nanny: options.get("nanny") ?? null,
        metrics: new Map(),
        extra: new Map<string, unknown>(
          python
            ? []
            : [
                ["lang", "js"],
                ["acme", 1],
              ],
        ),
        stimulus_id,
        server_id: options.get("server") ?? `${name}-process`,
        ...(options.has("held") ? { held: pairs(options.get("held")) ?? new Map() } : {}),
        ...(options.has("running") ? { running: pairs(options.get("running")) ?? new Map() } : {}),
      },
    });
  },
  client(world, command) {
    const name = word(command, 0);
    const link = world.connect(name);
    world.clientLinks.add(link);
    world.events.push({
      type: "client-registered",
      requestId: world.request(),
      link,
      client: clientId(name),
      ...(command.words.includes("python") ? {} : { acme: 1 }),
    });
  },
  lose(world, command) {
    const name = word(command, 0);
    const link = Number(command.options.get("link") ?? world.linkOf(name));
    const reason = "connection lost";
    const isClient = world.clientLinks.has(link);
    world.events.push({ type: isClient ? "client-gone" : "worker-gone", link, reason });
  },
  time(world, command) {
    world.nowMs += Number(word(command, 0).replace("+", ""));
  },
};

const fromWorkers: Record<string, Handler> = {
  finish(world, command) {
    const took = Number(command.options.get("took") ?? 0.1);
    for (const key of command.words.slice(1)) {
      const one = { ...command, words: [word(command, 0), key] };
      world.fromWorker(word(command, 0), {
        op: "task-finished",
        key,
        run_id: runOf(world, one),
        nbytes: Number(command.options.get("nbytes") ?? 8),
        type: null,
        typename: "number",
        startstops: [
          new Map<string, unknown>([
            ["action", "compute"],
            ["start", 0],
            ["stop", took],
          ]),
        ],
        stimulus_id,
        ...(command.options.has("result") ? { result: Serialized.acme([]) } : {}),
      });
    }
  },
  err(world, command) {
    world.fromWorker(word(command, 0), {
      op: "task-erred",
      key: word(command, 1),
      run_id: runOf(world, command),
      exception: Serialized.acme([]),
      traceback: null,
      exception_text: "Error: no",
      traceback_text: "",
      startstops: [],
      stimulus_id,
      ...(command.words.includes("died") ? { died: true } : {}),
    });
  },
  "add-keys"(world, command) {
    const keys = command.words.slice(1);
    world.fromWorker(word(command, 0), { op: "add-keys", keys, stimulus_id });
  },
  "release-data"(world, command) {
    const key = word(command, 1);
    world.fromWorker(word(command, 0), { op: "release-worker-data", key, stimulus_id });
  },
  "long-running"(world, command) {
    world.fromWorker(word(command, 0), {
      op: "long-running",
      key: word(command, 1),
      run_id: runOf(world, command),
      compute_duration: 0.1,
      stimulus_id,
    });
  },
  reschedule(world, command) {
    const key = word(command, 1);
    world.fromWorker(word(command, 0), { op: "reschedule", key, stimulus_id });
  },
  "steal-response"(world, command) {
    const key = word(command, 1);
    const state = word(command, 2);
    const steal = world.state.tasks.get(key as TaskKey)?.flight?.steal;
    world.fromWorker(word(command, 0), {
      op: "steal-response",
      key,
      state: state === "nil" ? null : state,
      stimulus_id: command.options.get("stimulus") ?? steal?.stimulusId ?? "none",
    });
  },
  status(world, command) {
    const status = word(command, 1) as WorkerStatus;
    world.fromWorker(word(command, 0), { op: "worker-status-change", status, stimulus_id });
  },
  refresh(world, command) {
    const keys = command.words.slice(1);
    world.fromWorker(word(command, 0), { op: "request-refresh-who-has", keys, stimulus_id });
  },
  "log-event"(world, command) {
    const topic = word(command, 1);
    world.fromWorker(word(command, 0), { op: "log-event", topic, msg: word(command, 2) });
  },
};

const fromClients: Record<string, Handler> = {
  graph(world, command) {
    const name = word(command, 0);
    const sequence = Number(command.options.get("seq") ?? -1);
    const keys = wantedKeys(command);
    if (!isPython(command)) {
      const next = sequence >= 0 ? sequence : (world.sequences.get(name) ?? -1) + 1;
      world.sequences.set(name, next);
      const graph = nativeGraph(command);
      world.fromClient(name, { op: "update-graph", graph, sequence: next, keys });
      return;
    }
    world.fromClient(name, { op: "update-graph", keys, actors: actorsOf(command) ?? [] });
    if (command.options.get("unfold") === "later") return;
    // In the same step, so its number is not known yet.
    const others = world.events.filter(({ type }) => type === "materialized").length;
    const errandId = world.state.errands.next + others + 1;
    world.events.push({ type: "materialized", errandId, graph: foreignGraph(command) });
  },
  unfold(world, command) {
    const errandId = Number(word(command, 0));
    const error = command.options.get("error");
    const graph = error === undefined ? foreignGraph(command) : { error };
    world.events.push({ type: "materialized", errandId, graph });
  },
  "cannot-do"(world, command) {
    const message = command.options.get("why") ?? "it-died";
    world.events.push({ type: "errand-failed", errandId: Number(word(command, 0)), message });
  },
  /** `helper dask=2026.8` or `helper problem=why` */
  helper(world, { options }) {
    const [dask = null, problem = null] = [options.get("dask"), options.get("problem")];
    world.events.push({ type: "helper-answered", dask, problem });
  },
  desire(world, command) {
    const keys = command.words.slice(1);
    world.fromClient(word(command, 0), { op: "client-desires-keys", keys });
  },
  release(world, command) {
    const keys = command.words.slice(1);
    world.fromClient(word(command, 0), { op: "client-releases-keys", keys });
  },
  cancel(world, command) {
    const force = command.options.get("force") === "yes";
    const keys = command.words.slice(1);
    world.fromClient(word(command, 0), { op: "cancel-keys", keys, force, reason: "asked" });
  },
  report(world, command) {
    world.fromClient(word(command, 0), { op: "report-key", key: word(command, 1) });
  },
  close(world, command) {
    world.fromClient(word(command, 0), { op: "close-client" });
  },
  "client-heartbeat"(world, command) {
    world.fromClient(word(command, 0), { op: "heartbeat-client" });
  },
  subscribe(world, command) {
    world.fromClient(word(command, 0), { op: "subscribe-topic", topic: word(command, 1) });
  },
  backlog(world, command) {
    const link = world.linkOf(word(command, 0));
    world.events.push({ type: "link-backlog", link, bytes: Number(word(command, 1)) });
  },
};

const queries: Record<string, Handler> = {
  state(world, { words }) {
    const shown = [...world.state.tasks.values()]
      .filter((task) => words.length === 0 || words.includes(task.key))
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map((task) => `${task.key}: ${task.state}`);
    world.answers.push(shown.length === 0 ? "no tasks" : shown.join(", "));
  },
  have(world) {
    const held = [...view.hasWhat(world.state)].map(
      ([address, keys]) => `${shorten(address)}: ${keys.join(" ") || "nothing"}`,
    );
    world.answers.push(held.join(", "));
  },
  explain(world, command) {
    const key = taskKey(word(command, 0));
    world.answers.push(shorten(view.explain(world.state, key)));
  },
  story(world, command) {
    for (const row of view.getStory(world.state, [word(command, 0)]) as unknown[][]) {
      world.answers.push(`${String(row[0])}: ${String(row[1])} -> ${String(row[2])}`);
    }
  },
};

const handlers: Record<string, Handler> = {
  ...connecting,
  ...fromWorkers,
  ...fromClients,
  ...requestCommands,
  ...operationCommands,
  ...shuffleCommands,
};

/** Runs one command line; queries answer after the step that they close. */
export function isQuery(name: string): boolean {
  return queries[name] !== undefined;
}

export function perform(world: World, command: Command): void {
  const handler = handlers[command.name] ?? queries[command.name];
  if (handler === undefined) throw new Error(`unknown command ${command.name}`);
  handler(world, command);
}
