// Takes graph updates: received, unfolded if they are foreign, applied; first in, first out per
// client. A repeat of one of ours is answered and otherwise ignored. Corresponds to dask's
// update_graph.
import type { NativeGraph } from "@acme/protocol";
import { apply } from "./apply-graph.js";
import { wait } from "./backlog.js";
import { ClientState, type PendingPart, type UpdateGraph } from "./client-state.js";
import { receiveForeign } from "./foreign-updates.js";
import { type GraphPart, partsOfGraph } from "./graph-parts.js";
import { BadGraph, planNative } from "./graph-plan.js";
import { stimulate, type Turn, toClient } from "./turn.js";

/** Takes a graph update; a foreign one is handed out to be unfolded. */
export function receiveGraph(turn: Turn, client: ClientState, message: UpdateGraph): void {
  stimulate(turn, "update-graph");
  if (message.graph === undefined) {
    receiveForeign(turn, client, message);
    return;
  }
  const sequence = message.sequence ?? client.sequenceDone + 1;
  if (sequence <= client.sequenceDone) {
    acknowledge(turn, client, sequence);
    return;
  }
  client.sequenceDone = sequence;
  acknowledge(turn, client, sequence);
  const { graph } = message;
  const most = turn.state.settings.keysPerStep;
  if (graph.keys.length > most && inParts(turn, client, graph, most)) return;
  apply(
    turn,
    client,
    () => planNative(turn.state, graph),
    () => graph.keys,
  );
}

/** A large graph is checked as a whole, then applied part by part in the steps that follow. */
function inParts(turn: Turn, client: ClientState, graph: NativeGraph, most: number): boolean {
  let parts: GraphPart[] | null = null;
  try {
    const { keys, rows } = planNative(turn.state, graph);
    if (new Set(keys).size < keys.length) return false;
    parts = partsOfGraph(graph, rows, most);
  } catch (error) {
    if (!(error instanceof BadGraph)) throw error;
  }
  if (parts === null) return false;
  const rest = client.pending;
  client.pending = [];
  for (const { graph: part, held } of parts) {
    wait(turn, client, { type: "part", graph: part, held, isLast: part === parts.at(-1)?.graph });
  }
  for (const one of rest) client.pending.push(one);
  return true;
}

/**
 * Applies one part. What later parts need of it is held until the last one, in place of the client,
 * who did not ask to be told of it.
 */
export function applyPart(turn: Turn, client: ClientState, part: PendingPart): ClientState | null {
  stimulate(turn, "update-graph");
  if (client.hold === null && part.held.length > 0) client.hold = new ClientState(client.id);
  const { graph, held } = part;
  const plan = () => ({ ...planNative(turn.state, graph), held });
  apply(turn, client, plan, () => graph.keys);
  if (!part.isLast) return null;
  const { hold } = client;
  client.hold = null;
  return hold;
}

function acknowledge(turn: Turn, client: ClientState, sequence: number): void {
  if (client.acme > 0) toClient(turn, client, { op: "graph-received", sequence });
}
