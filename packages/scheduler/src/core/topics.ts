// Events by topic: workers and clients log them, clients subscribe. Bounded per topic.
// Corresponds to dask's EventBroker. The messages themselves are forwarded unopened.
import type { ClientState } from "./client-state.js";
import { coreLimits } from "./limits.js";
import { type Turn, toClient } from "./turn.js";

export class TopicEvents {
  events: Map<string, [number, unknown][]> = new Map();
  subscribers: Map<string, Set<ClientState>> = new Map();
}

export function logEvent(turn: Turn, topics: string | readonly string[], msg: unknown): void {
  const store = turn.state.topics;
  const event: [number, unknown] = [turn.nowMs / 1000, msg];
  for (const topic of typeof topics === "string" ? [topics] : topics) {
    let kept = store.events.get(topic);
    if (kept === undefined) {
      if (store.events.size >= coreLimits.topics) {
        store.events.delete(store.events.keys().next().value as string);
      }
      kept = [];
      store.events.set(topic, kept);
    }
    kept.push(event);
    if (kept.length > 2 * coreLimits.eventsPerTopic) {
      kept.splice(0, kept.length - coreLimits.eventsPerTopic);
    }
    const message = { op: "event" as const, topic, event };
    for (const client of store.subscribers.get(topic) ?? []) toClient(turn, client, message);
  }
}

export function subscribe(turn: Turn, client: ClientState, topic: string): void {
  const subscribers = turn.state.topics.subscribers;
  const known = subscribers.get(topic);
  if (known === undefined) subscribers.set(topic, new Set([client]));
  else known.add(client);
}

export function unsubscribe(turn: Turn, client: ClientState, topic: string): void {
  const subscribers = turn.state.topics.subscribers;
  const known = subscribers.get(topic);
  if (known === undefined) return;
  known.delete(client);
  if (known.size === 0) subscribers.delete(topic);
}
