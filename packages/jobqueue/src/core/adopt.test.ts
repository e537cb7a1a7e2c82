// Jobs that were there before this process, and those that are left to the next one.
import { expect, it } from "vitest";
import type { JobStatus } from "../drivers/driver.js";
import type { ReconcileEvent } from "./events.js";
import { newOutbox, type ReconcileOutbox } from "./outbox.js";
import { newState } from "./state.js";
import { step } from "./step.js";
import { jobs } from "./view.js";

const refs = [0, 1].map((index) => ({ jobId: "7", index }));
const runs = (ref: JobStatus["ref"]): JobStatus => ({
  ref,
  state: "running",
  outcome: null,
  word: "RUNNING",
  reason: "",
  isHopeless: false,
  exitCode: null,
  signal: null,
  nodes: "n1",
  startMs: 1,
  endMs: null,
  restarts: 0,
  comment: "",
});
const sight = { address: "tls://a", status: "running", occupancyS: 0, storedBytes: 0 };

function bench() {
  const state = newState({ processes: 1 });
  const at = (nowMs: number, ...events: ReconcileEvent[]): ReconcileOutbox => {
    const out = newOutbox();
    step(state, events, nowMs, out);
    return out;
  };
  const phases = () => jobs(state).now.map(({ phase }) => phase);
  return { state, at, phases };
}

it("asks the queue for adopted jobs, and replaces those that are over meanwhile", () => {
  const { at, phases } = bench();
  const first = at(1_000, { type: "adopt", jobs: 2, refs });
  expect([first.poll, first.submit]).toEqual([true, []]);
  const bySlot = new Map([["7_0", [sight]]]);
  const statuses = [runs(refs[0] as (typeof refs)[0])];
  const asked = { type: "polled", askedMs: 1_500, statuses } as const;
  at(2_000, { type: "workers", bySlot }, asked);
  expect(phases()).toEqual(["up"]);
  expect(at(5_000).submit).toEqual([{ submission: 1, count: 1 }]);
});

it("is left once nothing is under way, and begins nothing more", () => {
  const { at } = bench();
  const [{ submission } = { submission: -1 }] = at(1_000, {
    type: "scale",
    requestId: 1,
    jobs: 2,
  }).submit;
  expect(at(1_100, { type: "detach", requestId: 2 }).replies).toEqual([]);
  const out = at(1_200, { type: "submitted", submission, refs });
  expect(out.replies).toContainEqual({ requestId: 2, type: "done" });
  const gone = at(60_000, { type: "polled", askedMs: 59_000, statuses: [] });
  expect([gone.submit, gone.replies]).toEqual([[], []]);
});

it("goes on as before when nobody waits for that any more", () => {
  const { at } = bench();
  at(1_000, { type: "scale", requestId: 1, jobs: 1 }, { type: "detach", requestId: 2 });
  const out = at(1_100, { type: "request-gone", requestId: 2 });
  expect(out.submit).toEqual([{ submission: 0, count: 1 }]);
});

it("is not left while it is being closed", () => {
  const { at } = bench();
  at(1_000, { type: "adopt", jobs: 1, refs: refs.slice(0, 1) });
  at(1_100, { type: "close", requestId: 1, drain: false });
  expect(at(1_200, { type: "detach", requestId: 2 }).replies).toEqual([
    { requestId: 2, type: "failed", code: "CLOSED", message: "the cluster is being closed" },
  ]);
});
