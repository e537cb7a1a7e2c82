// Commands of scenario files about P2P shuffles: what worker plugins ask, and the layout that a
// Python peer makes. Other requests are in request-commands.ts.
import { Pickled, type WorkerAddress } from "@acme/protocol";
import type { CoreRequest } from "../core/index.js";
import type { Handler } from "./commands.js";
import type { World } from "./world.js";

const addressOf = (name: string): WorkerAddress => `tcp://${name}:1` as WorkerAddress;

function ask(world: World, request: CoreRequest): void {
  world.events.push({ type: "request", requestId: world.request(), link: 0, request });
}

export const shuffleCommands: Record<string, Handler> = {
  "shuffle-get"(world, { words: [id = "", worker = ""] }) {
    ask(world, { op: "shuffle_get", id, worker: addressOf(worker) });
  },
  "shuffle-create"(world, { words: [shuffle_id = "", key = "", worker = ""] }) {
    ask(world, { op: "shuffle_get_or_create", shuffle_id, key, worker: addressOf(worker) });
  },
  "shuffle-restrict"(world, { words: [id = "", run = "0", key = "", worker = ""] }) {
    const address = addressOf(worker);
    ask(world, { op: "shuffle_restrict_task", id, run_id: Number(run), key, worker: address });
  },
  "shuffle-barrier"(world, { words: [id = "", run = "0", consistent] }) {
    const request = { op: "shuffle_barrier" as const, id, run_id: Number(run) };
    ask(world, { ...request, consistent: consistent !== "inconsistent" });
  },
  /** `plan 1 w1 w2`: by errand 1 these got partitions; `plan 1 error=why` */
  plan(world, { words: [errandId = "0", ...workers], options }) {
    const error = options.get("error");
    const layout =
      error === undefined
        ? {
            runSpec: Pickled.of(new Uint8Array(1)),
            workerFor: new Uint8Array(1),
            participants: workers.map(addressOf),
          }
        : { error };
    world.events.push({ type: "shuffle-planned", errandId: Number(errandId), layout });
  },
  "call-refused"(world, { words: [callId = "0"] }) {
    const message = "disk full";
    world.events.push({ type: "call-failed", callId: Number(callId), message, answered: true });
  },
};
