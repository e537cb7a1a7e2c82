// What one peer can make the scheduler remember has an end: metadata, topics, their events, and
// dropped clients, which are looked for seldom however many there are.
import { clientId, type TaskKey } from "@acme/protocol";
import { expect, it } from "vitest";
import { play } from "../scenarios/run.js";
import { ClientState } from "./client-state.js";
import { coreLimits } from "./limits.js";
import { setMetadata } from "./metadata.js";
import { newOutbox } from "./outbox.js";
import { newState } from "./state.js";
import { logEvent, subscribe } from "./topics.js";
import { Turn } from "./turn.js";

const newTurn = () => new Turn(newState({ id: "Scheduler-1" }), newOutbox(), 1_000);

it("holds so many entries of metadata, and those there are can still be changed", () => {
  const { state } = newTurn();
  for (let i = 0; i < coreLimits.metadataEntries; i++) {
    expect(setMetadata(state, [`key-${i}`], i)).toBeNull();
  }
  expect(setMetadata(state, ["one more"], 1)).toContain("at most");
  expect((state.metadata as Map<TaskKey, unknown>).size).toBe(coreLimits.metadataEntries);
  expect(setMetadata(state, ["key-0"], "new")).toBeNull();
  const deep = Array.from({ length: coreLimits.metadataDepth + 1 }, (_, i) => `d${i}`);
  expect(setMetadata(state, deep, 1)).toContain("keys");
});

it("gives back the entries of what is overwritten, also those of dictionaries given whole", () => {
  const { state } = newTurn();
  for (let i = 0; i < 2 * coreLimits.metadataEntries; i++) {
    expect(setMetadata(state, ["job", `step-${i}`, "state"], i)).toBeNull();
    expect(setMetadata(state, ["job"], "done")).toBeNull();
  }
  expect(state.metadataEntries).toBe(1);

  const whole = new Map([["a", new Map([["b", 1]])]]);
  expect(setMetadata(state, ["job"], whole)).toBeNull();
  expect(setMetadata(state, ["job", "a", "c"], 2)).toBeNull();
  expect(state.metadataEntries).toBe(4);
  expect(setMetadata(state, ["job"], null)).toBeNull();
  expect(state.metadataEntries).toBe(1);

  const large = new Map(Array.from({ length: coreLimits.metadataEntries }, (_, i) => [i, i]));
  expect(setMetadata(state, ["job"], large)).toContain("at most");
  expect(state.metadataEntries).toBe(1);
});

it("forgets the oldest topics and events, and what is too big to keep still reaches listeners", () => {
  const turn = newTurn();
  const { topics } = turn.state;
  for (let i = 0; i < 3 * coreLimits.topics; i++) logEvent(turn, `topic-${i}`, "x");
  expect(topics.events.size).toBeLessThanOrEqual(coreLimits.topics);
  for (let i = 0; i < 2 * coreLimits.events; i++) logEvent(turn, `topic-${i % 50}`, i);
  const kept = [...topics.events.values()].reduce((sum, events) => sum + events.length, 0);
  expect(kept).toBe(topics.kept);
  expect(kept).toBeLessThanOrEqual(coreLimits.events);

  const client = new ClientState(clientId("c1"));
  client.link = 7;
  subscribe(turn, client, "topic-0");
  const before = topics.events.get("topic-0")?.length;
  logEvent(turn, "topic-0", "x".repeat(2_000_000));
  expect(topics.events.get("topic-0")?.length).toBe(before);
  expect(turn.out.links.get(7 as never)).toHaveLength(1);
});

it("lets clients subscribe to so many topics in all", () => {
  const turn = newTurn();
  const client = new ClientState(clientId("c1"));
  for (let i = 0; i < coreLimits.topics + 10; i++) subscribe(turn, client, `topic-${i}`);
  expect(turn.state.topics.subscribers.size).toBe(coreLimits.topics);
  expect(turn.out.log.map(({ event }) => event)).toContain("too-many-topics");
});

it("takes away what a dropped client held, though it is not looked for at each step", () => {
  const commands = [
    "worker w1",
    "client c1",
    "graph c1 a",
    "finish w1 a",
    "lose c1",
    "time 600000",
  ];
  const { state } = play(commands.map((one) => `${one}\n----\n`).join("\n")).world;
  expect([state.clients.size, state.tasks.size]).toEqual([0, 0]);
});
