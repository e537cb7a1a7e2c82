// Events by topic: workers and clients log them, clients subscribe. Bounded per topic.
// Corresponds to dask's EventBroker. The messages themselves are forwarded unopened.
import { Pickled, Serialized } from "@acme/protocol";
import type { ClientState } from "./client-state.js";
import { coreLimits } from "./limits.js";
import { log, type Turn, toClient } from "./turn.js";

export class TopicEvents {
  events: Map<string, [number, unknown][]> = new Map();
  subscribers: Map<string, Set<ClientState>> = new Map();
  /** Events in all topics. */
  kept = 0;
}

export function logEvent(turn: Turn, topics: string | readonly string[], msg: unknown): void {
  const store = turn.state.topics;
  const event: [number, unknown] = [turn.nowMs / 1000, msg];
  const isSmall = valuesIn(msg, coreLimits.eventValues) < coreLimits.eventValues;
  for (const topic of typeof topics === "string" ? [topics] : topics) {
    let kept = store.events.get(topic);
    if (kept === undefined) {
      if (store.events.size >= coreLimits.topics) dropOldest(store);
      kept = [];
      store.events.set(topic, kept);
    }
    if (isSmall) keep(store, topic, kept, event);
    const message = { op: "event" as const, topic, event };
    for (const client of store.subscribers.get(topic) ?? []) toClient(turn, client, message);
  }
}

function keep(
  store: TopicEvents,
  topic: string,
  kept: [number, unknown][],
  event: [number, unknown],
): void {
  kept.push(event);
  store.kept += 1;
  if (kept.length > 2 * coreLimits.eventsPerTopic) {
    store.kept -= kept.splice(0, kept.length - coreLimits.eventsPerTopic).length;
  }
  while (store.kept > coreLimits.events && store.events.keys().next().value !== topic) {
    dropOldest(store);
  }
}

function dropOldest(store: TopicEvents): void {
  const oldest = store.events.keys().next().value as string;
  store.kept -= store.events.get(oldest)?.length ?? 0;
  store.events.delete(oldest);
}

/** How many values there are in one; counting ends at a limit. */
function valuesIn(value: unknown, limit: number): number {
  if (typeof value === "string") return 1 + Math.floor(value.length / 1024);
  if (value instanceof Uint8Array) return 1 + Math.floor(value.byteLength / 1024);
  if (typeof value !== "object" || value === null) return 1;
  if (value instanceof Serialized || value instanceof Pickled) {
    return 1 + Math.floor(value.nbytes / 1024);
  }
  let count = 1;
  for (const one of value instanceof Map ? value.entries() : (value as Iterable<unknown>)) {
    if (count >= limit) break;
    count += valuesIn(one, limit - count);
  }
  return count;
}

export function subscribe(turn: Turn, client: ClientState, topic: string): void {
  const subscribers = turn.state.topics.subscribers;
  const known = subscribers.get(topic);
  if (known !== undefined) known.add(client);
  else if (subscribers.size < coreLimits.topics) subscribers.set(topic, new Set([client]));
  else {
    const text = `client ${client.id} may not subscribe: there are ${subscribers.size} topics`;
    log(turn, { level: "warn", event: "too-many-topics", text, client: client.id });
  }
}

export function unsubscribe(turn: Turn, client: ClientState, topic: string): void {
  const subscribers = turn.state.topics.subscribers;
  const known = subscribers.get(topic);
  if (known === undefined) return;
  known.delete(client);
  if (known.size === 0) subscribers.delete(topic);
}
