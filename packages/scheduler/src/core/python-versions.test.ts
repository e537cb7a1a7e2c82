// Which Python peers are let in, and that packages which differ are told in dask's own table.
import { clientId } from "@acme/protocol";
import { expect, it } from "vitest";
import type { SchedulerEvent } from "./events.js";
import { newOutbox } from "./outbox.js";
import { newState, type SchedulerState } from "./state.js";
import { step } from "./step.js";

const versionsOf = (packages: Record<string, string | null>) =>
  new Map<string, unknown>([["packages", new Map(Object.entries(packages))]]);

let links = 0;

function worker(packages: Record<string, string | null>): SchedulerEvent {
  links += 1;
  return {
    type: "worker-registered",
    requestId: links,
    link: links,
    registration: {
      op: "register-worker",
      address: `tcp://10.0.0.${links}:1`,
      status: "init",
      nthreads: 1,
      name: `w${links}`,
      now: 0,
      resources: new Map(),
      memory_limit: null,
      nanny: null,
      versions: versionsOf(packages),
      metrics: new Map(),
      extra: new Map(),
      stimulus_id: "test",
    },
  };
}

function client(packages: Record<string, string | null>): SchedulerEvent {
  links += 1;
  const versions = versionsOf(packages);
  const who = { requestId: links, link: links, client: clientId(`c${links}`), versions };
  return { type: "client-registered", ...who };
}

function answer(state: SchedulerState, event: SchedulerEvent): Record<string, unknown> {
  const out = newOutbox();
  step(state, [event], 1_000, out);
  const { reply } = out.replies[0] as { reply: unknown };
  return (Array.isArray(reply) ? reply[0] : reply) as Record<string, unknown>;
}

const fresh = () => newState({ id: "s" });

it.each(["2022.12.1", "2025.3.0"])("a client of dask %s is refused with the reason", (dask) => {
  expect(answer(fresh(), client({ dask })).error).toContain(`dask ${dask}, whose graphs`);
});

it("so is a worker", () => {
  const { status, message } = answer(fresh(), worker({ dask: "2024.1.0" }));
  expect(status).toBe("error");
  expect(message).toContain("Install a newer dask");
});

it.each(["2025.4.0", "2026.8.0", "2026.8.0+5.gabc", "unknown"])("dask %s is let in", (dask) => {
  expect(answer(fresh(), client({ dask }))).toEqual({ op: "stream-start" });
});

it("peers with the same packages hear nothing", () => {
  const state = fresh();
  expect(answer(state, worker({ dask: "2026.8.0", lz4: null })).warning).toBeUndefined();
  expect(answer(state, client({ dask: "2026.8.0", lz4: null })).warning).toBeUndefined();
});

it("packages that differ are told in dask's table", () => {
  const state = fresh();
  answer(state, worker({ dask: "2026.8.0", numpy: "2.1" }));
  const { warning } = answer(state, client({ dask: "2026.7.0", numpy: "2.1", lz4: null }));
  expect(warning).toBe(
    [
      "Mismatched versions found",
      "",
      "+---------+----------+-----------+----------+",
      "| Package | Client   | Scheduler | Workers  |",
      "+---------+----------+-----------+----------+",
      "| dask    | 2026.7.0 | 2026.8.0  | 2026.8.0 |",
      "| lz4     | None     | MISSING   | MISSING  |",
      "+---------+----------+-----------+----------+",
    ].join("\n"),
  );
});
