// What heartbeats say of shuffles reaches the status, and nothing else a worker may say does.
import { Pickled, type WorkerAddress } from "@acme/protocol";
import { expect, it } from "vitest";
import { play } from "../../../scenarios/run.js";
import { workersToClose } from "../../adaptive.js";
import { newOutbox } from "../../outbox.js";
import { status } from "../../status.js";
import { step } from "../../step.js";

const p1 = "tcp://p1:1" as WorkerAddress;

function shuffling() {
  const { world } = play(
    [
      "worker p1 python\nworker p2 python\nclient c1 python",
      "graph c1 python t[2] shuffle-barrier-s(t-0,t-1) u[2](shuffle-barrier-s) want=u-0,u-1",
      "shuffle-create s t-0 p1",
      "plan 2 p1",
    ]
      .map((one) => `${one}\n----\n`)
      .join("\n"),
  );
  return world.state;
}

function beat(state: ReturnType<typeof shuffling>, extensions: unknown): void {
  const request = {
    op: "heartbeat_worker" as const,
    address: p1,
    now: 0,
    metrics: new Map(),
    extensions,
  };
  const event = { type: "request" as const, requestId: 99, link: 0, request };
  step(state, [event], state.nowMs, newOutbox());
}

const told = (read: unknown) =>
  new Map([["shuffle", new Map([["s", new Map([["comm", new Map([["read", read]])]])]])]]);

it("sums up what workers received", () => {
  const state = shuffling();
  beat(state, told(4096));
  expect(status(state).shuffles).toEqual([{ id: "s", run: 1, workers: 1, receivedBytes: 4096 }]);
});

it("believes no nonsense", () => {
  const state = shuffling();
  for (const read of [-1, "many", null, Number.NaN]) beat(state, told(read));
  for (const nonsense of [
    null,
    7,
    new Map([["shuffle", 1]]),
    new Map([["shuffle", new Map([["s", 1]])]]),
  ]) {
    beat(state, nonsense);
  }
  expect(status(state).shuffles[0]?.receivedBytes).toBe(0);
});

it("closes a worker that has a part in a shuffle after all others, if at all", () => {
  const state = shuffling();
  expect(workersToClose(state, { n: 2 }).map(({ name }) => name)).toEqual(["p2"]);
});

it("hands the run spec on as it came", () => {
  const state = shuffling();
  expect(state.shuffles.active.get("s")?.runSpec).toBeInstanceOf(Pickled);
});
