// Published datasets: collections by name, with the keys that they need kept alive. A request about
// them waits for a mark on its client's stream, so that what the client did before is seen before.
// Corresponds to dask's PublishExtension.
import { type ClientId, ownKey, taskKey, wireKey } from "@acme/protocol";
import { coreLimits } from "../limits.js";
import { refuse, reply, type Turn } from "../turn.js";
import { nameOf, shown } from "./names.js";
import { keepFor, releaseFor } from "./pseudo-client.js";
import type { Asked, Name } from "./state.js";
import { hasRoomForBytes, hasRoomForName } from "./stored.js";
import { park, schedule } from "./waiting.js";

type Change = Asked<"publish_put"> | Asked<"publish_delete">;

const keeper = (name: Name): string => `published-${shown(name)}`;

export function changeDatasets(turn: Turn, asked: Change): void {
  const { extensions } = turn.state;
  const { uid } = asked.request;
  if (extensions.flushed.delete(uid)) {
    carryOut(turn, asked);
    return;
  }
  asked.deadlineMs = turn.nowMs + coreLimits.flushMs;
  const line = new Set<number>();
  park(turn, asked, line);
  if (line.size > 0) extensions.flushing.set(uid, asked.requestId);
}

/** The mark has come: all that its client sent before has been seen. */
export function flushed(turn: Turn, client: ClientId, uid: string): void {
  const { extensions } = turn.state;
  const requestId = extensions.flushing.get(uid);
  if (requestId === undefined) {
    for (const oldest of extensions.flushed.keys()) {
      if (extensions.flushed.size < coreLimits.flushMarks) break;
      extensions.flushed.delete(oldest);
    }
    extensions.flushed.set(uid, client);
    return;
  }
  const asked = extensions.waiting.get(requestId) as Change | undefined;
  endChange(turn, requestId, uid);
  if (asked !== undefined) carryOut(turn, asked);
}

function endChange(turn: Turn, requestId: number, uid: string): void {
  turn.state.extensions.flushing.delete(uid);
  turn.state.extensions.waiting.delete(requestId);
}

function carryOut(turn: Turn, { requestId, request }: Change): void {
  if (request.op === "publish_delete") {
    for (const name of request.names) remove(turn, nameOf(name));
    reply(turn, requestId, null);
    return;
  }
  publish(turn, { requestId, request, deadlineMs: 0, taken: [] });
}

function publish(turn: Turn, asked: Asked<"publish_put">): void {
  const { extensions, tasks } = turn.state;
  const { names, keys, data, override } = asked.request;
  for (const [i, wire] of names.entries()) {
    const name = nameOf(wire);
    const value = data[i];
    if (value === undefined) {
      refuse(turn, asked.requestId, `dataset ${shown(name)} comes without data`, "ValueError");
      return;
    }
    if (extensions.datasets.has(name) && override !== true) {
      refuse(turn, asked.requestId, `Dataset ${shown(name)} already exists`, "KeyError");
      return;
    }
    if (!hasRoomForName(turn, asked) || !hasRoomForBytes(turn, asked, value.nbytes)) return;
    const needed = (keys[i] ?? []).map((key) => ownKey(taskKey(key)));
    const old = extensions.datasets.get(name);
    extensions.datasets.delete(name);
    // The new ones first: a key of both is never without anybody who wants it.
    for (const key of needed) {
      const task = tasks.get(key);
      if (task !== undefined) keepFor(turn, keeper(name), task);
    }
    extensions.datasets.set(name, { keys: needed, data: value });
    extensions.heldBytes += value.nbytes - (old?.data.nbytes ?? 0);
    const kept = new Set(needed);
    releaseFor(turn, keeper(name), old?.keys.filter((key) => !kept.has(key)) ?? []);
  }
  reply(turn, asked.requestId, null);
}

function remove(turn: Turn, name: Name): void {
  const { extensions } = turn.state;
  const dataset = extensions.datasets.get(name);
  if (dataset === undefined) return;
  extensions.datasets.delete(name);
  extensions.heldBytes -= dataset.data.nbytes;
  releaseFor(turn, keeper(name), dataset.keys);
}

export function listDatasets(turn: Turn, requestId: number): void {
  const names = [...turn.state.extensions.datasets.keys()];
  const sorted = names.map((name) => [shown(name), name] as const).sort(byText);
  reply(
    turn,
    requestId,
    sorted.map(([, name]) => wireKey(name)),
  );
}

const byText = ([a]: readonly [string, Name], [b]: readonly [string, Name]): number =>
  a < b ? -1 : Number(a > b);

export function getDatasets(turn: Turn, { requestId, request }: Asked<"publish_get">): void {
  const { datasets } = turn.state.extensions;
  const found = request.names.map((name) => {
    const dataset = datasets.get(nameOf(name));
    return dataset === undefined
      ? null
      : { data: dataset.data, keys: dataset.keys.map((key) => wireKey(key)) };
  });
  reply(turn, requestId, found);
}

/** The mark has not come for long; its client may be about to send it as long as it is there. */
export function endFlush(turn: Turn, asked: Change, isLate: boolean): void {
  const { client, uid } = asked.request;
  if (isLate && turn.state.clients.has(client as ClientId)) {
    asked.deadlineMs = turn.nowMs + coreLimits.flushMs;
    schedule(turn, asked);
    return;
  }
  endChange(turn, asked.requestId, uid);
  const text = `client ${client} is gone: its datasets are as they were`;
  if (isLate) refuse(turn, asked.requestId, text, "TimeoutError");
}

/** A client that is gone sends no marks any more. */
export function forgetMarks(turn: Turn, client: ClientId): void {
  const { extensions } = turn.state;
  for (const [uid, from] of extensions.flushed) {
    if (from === client) extensions.flushed.delete(uid);
  }
  for (const requestId of [...extensions.flushing.values()]) {
    const asked = extensions.waiting.get(requestId) as Change | undefined;
    if (asked?.request.client === client) endFlush(turn, asked, true);
  }
}
