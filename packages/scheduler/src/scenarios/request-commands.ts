// Commands of scenario files that are rpc requests, scatter included.
// Graphs, messages and connections are in commands.ts.
import { clientId, type TaskKey, type WorkerAddress } from "@acme/protocol";
import type { CoreRequest } from "../core/index.js";
import type { Handler } from "./commands.js";
import { pairs } from "./graph-command.js";
import type { World } from "./world.js";

const addressOf = (name: string): WorkerAddress => `tcp://${name}:1` as WorkerAddress;

function ask(world: World, request: CoreRequest): void {
  world.events.push({ type: "request", requestId: world.request(), link: 0, request });
}

export const requestCommands: Record<string, Handler> = {
  heartbeat(world, { words, options }) {
    const executing = pairs(options.get("executing"));
    const server = options.get("server");
    ask(world, {
      op: "heartbeat_worker",
      address: addressOf(words[0] ?? ""),
      now: 0,
      metrics: new Map(),
      ...(executing === undefined ? {} : { executing }),
      ...(server === undefined ? {} : { server_id: server }),
    });
  },
  retire(world, { words, options }) {
    ask(world, {
      op: "retire_workers",
      workers: words.map(addressOf),
      close_workers: options.get("close") === "yes",
      remove: options.get("remove") !== "no",
      drain: options.get("drain") === "yes",
    });
  },
  "retire-some"(world, { words }) {
    ask(world, { op: "retire_workers", n: Number(words[0]) });
  },
  restart(world, { options }) {
    ask(world, { op: "restart", timeout: Number(options.get("timeout") ?? 10) });
  },
  "restart-workers"(world, { words }) {
    ask(world, { op: "restart_workers", workers: words.map(addressOf), timeout: 10 });
  },
  retry(world, { words }) {
    ask(world, { op: "retry", keys: words });
  },
  unregister(world, { words }) {
    ask(world, { op: "unregister", address: addressOf(words[0] ?? "") });
  },
  restrict(world, { words: [key = "", ...workers] }) {
    const wanted = workers[0] === "nobody" ? null : workers;
    ask(world, { op: "set_restrictions", worker: new Map([[key, wanted]]) });
  },
  "set-resources"(world, { words: [worker = "", amounts] }) {
    const resources = pairs(amounts) ?? new Map();
    ask(world, { op: "set_resources", worker: addressOf(worker), resources });
  },
  "set-metadata"(world, { words: [value, ...keys] }) {
    ask(world, { op: "set_metadata", keys, value });
  },
  "update-data"(world, { words: [client = "", key = "", ...workers] }) {
    const who_has = new Map([[key, workers.map(addressOf)]]);
    ask(world, { op: "update_data", who_has, nbytes: new Map([[key, 100]]), client });
  },
  scatter(world, { words: [client = "", ...keys], options }) {
    const to = options.get("to")?.split(",");
    const broadcast = options.get("broadcast");
    world.events.push({
      type: "scatter-requested",
      requestId: world.request(),
      client: clientId(client),
      sizes: new Map(keys.map((key) => [key as TaskKey, 100])),
      ...(to === undefined ? {} : { workers: to.map(addressOf) }),
      ...(broadcast === undefined ? {} : { broadcast: broadcast === "all" || Number(broadcast) }),
      timeoutMs: 5000,
    });
  },
  transferred(world, { words: [id = "0", outcome] }) {
    const transferId = Number(id);
    const parked = [...world.state.parked.values()].flatMap((one) =>
      one.kind === "scatter" ? (one.transfers.get(transferId) ?? []) : [],
    );
    const worker = parked[0]?.worker ?? addressOf("nobody");
    world.events.push({ type: "transferred", transferId, worker, ok: outcome === "ok" });
  },
  "call-done"(world, { words }) {
    world.events.push({ type: "call-done", callId: Number(words[0]), reply: "OK" });
  },
  "call-failed"(world, { words }) {
    world.events.push({ type: "call-failed", callId: Number(words[0]), message: "no answer" });
  },
  "missing-data"(world, { words: [worker = "", ...keys] }) {
    const address = addressOf(worker);
    world.events.push({ type: "missing-data", address, keys: keys as TaskKey[] });
  },
  "request-gone"(world, { words }) {
    world.events.push({ type: "request-gone", requestId: Number(words[0]) });
  },
};
