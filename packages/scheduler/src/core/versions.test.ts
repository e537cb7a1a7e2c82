// Who may register, what is said about versions that differ, and that it is said once.
import { acmeProtocol, type ClientId } from "@acme/protocol";
import { expect, it } from "vitest";
import type { SchedulerEvent, WorkerRegistration } from "./events.js";
import { newOutbox, type Outbox } from "./outbox.js";
import { newState, type SchedulerState } from "./state.js";
import { step } from "./step.js";

const own = { node: "20.19.2", acme: "0.1.0" };

const inDasksShape = (node: string, acme: string) =>
  new Map([
    ["host", new Map([["node", node]])],
    ["packages", new Map([["acme", acme]])],
  ]);

interface Peer {
  readonly protocol?: number;
  readonly node?: string;
  readonly acme?: string;
}

let links = 0;

function worker(name: string, peer: Peer = {}): SchedulerEvent {
  links += 1;
  const { protocol = acmeProtocol, node = own.node, acme = own.acme } = peer;
  const registration: WorkerRegistration = {
    op: "register-worker",
    address: `tcp://${name}:1`,
    status: "running",
    nthreads: 1,
    name,
    now: 0,
    resources: new Map(),
    memory_limit: null,
    nanny: null,
    versions: inDasksShape(node, acme),
    metrics: new Map(),
    extra: new Map<string, unknown>(
      protocol === 0
        ? []
        : [
            ["lang", "js"],
            ["acme", protocol],
          ],
    ),
    stimulus_id: "test",
  };
  return { type: "worker-registered", requestId: links, link: links, registration };
}

function client(peer: Peer = {}): SchedulerEvent {
  links += 1;
  const { protocol = acmeProtocol, node = own.node, acme = own.acme } = peer;
  const versions = inDasksShape(node, acme);
  const id = `c${links}` as ClientId;
  const who = { requestId: links, link: links, client: id, acme: protocol, versions };
  return { type: "client-registered", ...who };
}

function told(state: SchedulerState, ...events: SchedulerEvent[]): Outbox {
  const out = newOutbox();
  step(state, events, 1_000, out);
  return out;
}

const fresh = () => newState({ id: "s", versions: own });
const replyOf = (out: Outbox, index = 0) => {
  const reply = (out.replies[index] as { reply: object }).reply;
  return (Array.isArray(reply) ? reply[0] : reply) as Record<string, unknown>;
};
const warnings = (out: Outbox) =>
  out.log.flatMap(({ event, text }) => (event === "versions-differ" ? [text] : []));

it("says nothing when all run the same, or another patch of Node", () => {
  const state = fresh();
  const out = told(state, worker("a"), worker("b", { node: "20.20.0" }), client());
  expect(out.replies.map((_, i) => replyOf(out, i).warning)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(warnings(out)).toEqual([]);
});

it("refuses another protocol, naming both releases, and closes the connection", () => {
  const state = fresh();
  const other = { protocol: acmeProtocol + 1, acme: "9.0.0" };
  const out = told(state, worker("a", other), client(other));
  const text = /\(acme 9\.0\.0\) speaks version \d+ .* scheduler \(acme 0\.1\.0\) version \d+/;
  expect(replyOf(out, 0)).toMatchObject({ status: "error", message: expect.stringMatching(text) });
  expect(replyOf(out, 1)).toMatchObject({ error: expect.stringMatching(text) });
  expect(out.close).toHaveLength(2);
  expect([state.workers.size, state.clients.size]).toEqual([0, 0]);
});

it("lets peers in that speak dask's protocol alone, whatever they run", () => {
  const state = fresh();
  const out = told(state, worker("py", { protocol: 0, node: "1" }), client({ protocol: 0 }));
  expect([state.workers.size, state.clients.size]).toEqual([1, 1]);
  expect(replyOf(out, 0).warning).toBeUndefined();
});

it("warns each worker of its own, and the log once for all that differ alike", () => {
  const state = fresh();
  const node = { node: "22.1.0" };
  const out = told(state, worker("a", node), worker("b", node), worker("c", { acme: "0.2.0" }));
  for (const i of [0, 1]) {
    expect(replyOf(out, i).warning).toMatch(/runs Node 22\.1\.0, the scheduler 20\.19\.2/);
  }
  expect(warnings(out)).toEqual([
    expect.stringContaining("worker a, and maybe others, runs Node 22.1.0"),
    expect.stringContaining("runs acme 0.2.0, the scheduler 0.1.0"),
  ]);
});

it("warns a client of workers that will run its functions, in one sentence", () => {
  const state = fresh();
  told(state, worker("a", { node: "22.1.0" }), worker("b", { node: "22.1.0" }), worker("c"));
  const { warning } = replyOf(told(state, client()));
  expect(warning).toBe(
    "this client runs Node 20.19.2, 2 workers 22.1.0 (what only the newer one knows fails on the other)",
  );
});
