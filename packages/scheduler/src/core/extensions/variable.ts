// Variables: one value by name, shared by all clients. A future in one is kept alive in its name,
// and so is one that was handed out until the client that took it has said that it wants it.
// Corresponds to dask's VariableExtension.
import { type ClientId, type TaskKey, taskKey, type WireKey } from "@acme/protocol";
import type { ClientState } from "../client-state.js";
import { coreLimits } from "../limits.js";
import { reply, type Turn } from "../turn.js";
import { nameOf, shown } from "./names.js";
import { handOver, keepFor, releaseFor } from "./pseudo-client.js";
import type { Asked, Name, Variable, Waiting } from "./state.js";
import { hasRoomForBytes, hasRoomForName, recordOf, storedOf } from "./stored.js";
import { next, park, refuseLate, unpark } from "./waiting.js";

const keeper = (name: Name): string => `variable-${shown(name)}`;

export function setVariable(turn: Turn, asked: Asked<"variable_set">, key: TaskKey | null): void {
  const { extensions, tasks } = turn.state;
  const name = nameOf(asked.request.name);
  const variable = variableNamed(turn, asked, name);
  if (variable === null) return;
  const stored = storedOf(asked.request, key);
  const old = variable.stored;
  const added = stored.bytes - (old?.bytes ?? 0);
  if (!hasRoomForBytes(turn, asked, added)) {
    dropIfUnused(turn, name, variable);
    return;
  }
  const task = key === null ? undefined : tasks.get(key);
  if (task !== undefined) keepFor(turn, keeper(name), task);
  extensions.heldBytes += added;
  variable.stored = stored;
  if (old !== null && old.key !== null && old.key !== key) retire(turn, name, variable, old.key);
  reply(turn, asked.requestId, null);
  for (let one = next(turn, variable.getters); one; one = next(turn, variable.getters)) {
    give(turn, one as Asked<"variable_get">, variable);
  }
}

function variableNamed(turn: Turn, asked: Waiting, name: Name): Variable | null {
  const { variables } = turn.state.extensions;
  const known = variables.get(name);
  if (known !== undefined) return known;
  if (!hasRoomForName(turn, asked)) return null;
  const made: Variable = { stored: null, getters: new Set(), handedOut: new Map() };
  variables.set(name, made);
  return made;
}

function dropIfUnused(turn: Turn, name: Name, variable: Variable): void {
  const isUsed = variable.getters.size > 0 || variable.handedOut.size > 0;
  if (variable.stored === null && !isUsed) turn.state.extensions.variables.delete(name);
}

export function getVariable(turn: Turn, asked: Asked<"variable_get">): void {
  const name = nameOf(asked.request.name);
  const variable = variableNamed(turn, asked, name);
  if (variable === null) return;
  if (variable.stored !== null) give(turn, asked, variable);
  else if (!park(turn, asked, variable.getters)) endGet(turn, asked, true);
  dropIfUnused(turn, name, variable);
}

function give(turn: Turn, { requestId, request }: Asked<"variable_get">, variable: Variable): void {
  const { stored } = variable;
  if (stored === null) return;
  const record = recordOf(turn, stored);
  if (stored.key === null) {
    reply(turn, requestId, record);
    return;
  }
  const { extensions, settings } = turn.state;
  extensions.tokens += 1;
  const token = `${settings.incarnation}.${extensions.tokens}`;
  let tokens = variable.handedOut.get(stored.key);
  if (tokens === undefined) {
    tokens = new Map();
    variable.handedOut.set(stored.key, tokens);
  }
  for (const oldest of tokens.keys()) {
    if (tokens.size < coreLimits.handedOut) break;
    tokens.delete(oldest);
  }
  tokens.set(token, (request.client ?? null) as ClientId | null);
  reply(turn, requestId, { ...record, token });
}

/** Nobody waits for it any more, or its time is up. */
export function endGet(turn: Turn, asked: Asked<"variable_get">, isLate: boolean): void {
  const name = nameOf(asked.request.name);
  const variable = turn.state.extensions.variables.get(name);
  if (variable !== undefined) {
    unpark(turn, asked.requestId, variable.getters);
    dropIfUnused(turn, name, variable);
  }
  if (isLate) refuseLate(turn, asked);
}

interface Confirmation {
  name: WireKey;
  key: WireKey;
  token: string;
}

/** A client has what it took from a variable, and wants it from now on. */
export function confirmVariable(turn: Turn, client: ClientState, message: Confirmation): void {
  const key = taskKey(message.key);
  handOver(turn, client, key);
  const name = nameOf(message.name);
  const variable = turn.state.extensions.variables.get(name);
  if (variable?.handedOut.get(key)?.delete(message.token) !== true) return;
  retire(turn, name, variable, key);
  dropIfUnused(turn, name, variable);
}

/** A key is released unless it is the value, or somebody who took it did not confirm yet. */
function retire(turn: Turn, name: Name, variable: Variable, key: TaskKey): void {
  const tokens = variable.handedOut.get(key);
  if (tokens !== undefined && tokens.size > 0) return;
  variable.handedOut.delete(key);
  if (variable.stored?.key !== key) releaseFor(turn, keeper(name), [key]);
}

export function deleteVariable(turn: Turn, wire: WireKey): void {
  const { extensions } = turn.state;
  const name = nameOf(wire);
  const variable = extensions.variables.get(name);
  const stored = variable?.stored;
  if (variable === undefined || stored == null) return;
  extensions.heldBytes -= stored.bytes;
  variable.stored = null;
  if (stored.key !== null) retire(turn, name, variable, stored.key);
  dropIfUnused(turn, name, variable);
}

/** A client that is gone confirms nothing any more. */
export function forgetTaker(turn: Turn, client: ClientId): void {
  for (const [name, variable] of turn.state.extensions.variables) {
    for (const [key, tokens] of variable.handedOut) {
      for (const [token, taker] of tokens) if (taker === client) tokens.delete(token);
      retire(turn, name, variable, key);
    }
    dropIfUnused(turn, name, variable);
  }
}
