// What a client of ours says to a scheduler of dask's own: the same messages without what only our
// schedulers know. It also answers for that scheduler where it would not.
import type { ClientToScheduler, SchedulerToClient } from "@acme/protocol";
import { daskUpdates } from "../python/dask-graph.js";

/** A message as it goes out. */
type Outgoing = Readonly<Record<string, unknown>> & { readonly op: string };

export interface Translated {
  readonly messages: Outgoing[];
  /** What a scheduler of ours would have said at once. */
  readonly replies: SchedulerToClient[];
}

/** Translates what a client has to say. */
export function toDask(messages: readonly ClientToScheduler[]): Translated {
  const translated: Translated = { messages: [], replies: [] };
  for (const message of messages) translate(message, translated);
  return translated;
}

function translate(message: ClientToScheduler, { messages, replies }: Translated): void {
  switch (message.op) {
    case "update-graph": {
      if (message.graph === undefined) return;
      messages.push(...daskUpdates(message.graph));
      // Its reports follow in order, so that the next word about a key is about this graph.
      replies.push({ op: "graph-received", sequence: message.sequence ?? 0 });
      return;
    }
    case "client-desires-keys":
      if (message.keys.length > 0) messages.push({ op: message.op, keys: message.keys });
      return;
    case "cancel-keys": {
      const { op, keys, force } = message;
      messages.push({ op, keys, force, reason: "cancelled", msg: "" });
      return;
    }
    default:
      messages.push(message);
  }
}
