// Commands of scenario files by which somebody looks after a cluster: copies, memory, plugins, and
// what workers answer. Other requests are in request-commands.ts.
import type { WorkerAddress } from "@acme/protocol";
import type { CoreRequest } from "../core/index.js";
import type { Handler } from "./commands.js";
import type { World } from "./world.js";

const addressOf = (name: string): WorkerAddress => `tcp://${name}:1` as WorkerAddress;

function ask(world: World, request: CoreRequest): void {
  world.events.push({ type: "request", requestId: world.request(), link: 0, request });
}

const listOf = (text: string | undefined) => text?.split(",").map(addressOf);

export const operationCommands: Record<string, Handler> = {
  replicate(world, { words: keys, options }) {
    const n = options.get("n");
    ask(world, {
      op: "replicate",
      keys,
      ...(n === undefined ? {} : { n: Number(n) }),
      ...(options.has("workers") ? { workers: listOf(options.get("workers")) ?? [] } : {}),
      ...(options.get("delete") === "no" ? { delete: false } : {}),
    });
  },
  rebalance(world, { words: keys, options }) {
    ask(world, {
      op: "rebalance",
      ...(keys.length === 0 ? {} : { keys }),
      ...(options.has("workers") ? { workers: listOf(options.get("workers")) ?? [] } : {}),
    });
  },
  amm(world, { words: [method] }) {
    ask(world, { op: "amm_handler", method: method as "start" });
  },
  /** `copied 3`: the worker fetched all; `copied 3 x y`: all but these */
  copied(world, { words: [callId, ...failed] }) {
    const reply = failed.length === 0 ? { status: "OK" } : { status: "partial-fail", keys: failed };
    world.events.push({ type: "call-done", callId: Number(callId), reply });
  },
  /** `memory w1 500`: what a heartbeat says of its process */
  memory(world, { words: [worker = "", bytes] }) {
    const metrics = new Map<string, unknown>([["memory", Number(bytes)]]);
    ask(world, { op: "heartbeat_worker", address: addressOf(worker), now: 0, metrics });
  },
  plugin(world, { words: [kind, name = ""], options }) {
    const op = kind === "nanny" ? "register_nanny_plugin" : "register_worker_plugin";
    const idempotent = options.get("idempotent") === "yes";
    ask(world, { op, name, plugin: new Uint8Array(3), idempotent });
  },
  "drop-plugin"(world, { words: [kind, name = ""] }) {
    ask(world, {
      op: kind === "nanny" ? "unregister_nanny_plugin" : "unregister_worker_plugin",
      name,
    });
  },
};
