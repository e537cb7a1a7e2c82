// Names as people and Python see them: `str` of what a client gave.
// Used in messages, for the order of lists, and for the names of those who want keys in place of a
// client.
import { ownKey, type TaskKey, taskKey, type WireKey, wireKey } from "@acme/protocol";
import type { Name } from "./state.js";

/** The canonical form of a name, in memory of its own. */
export const nameOf = (wire: WireKey): Name => ownKey(taskKey(wire));

/** Python's `str` of a name. */
export function shown(name: TaskKey): string {
  const wire = wireKey(name);
  return typeof wire === "string" ? wire : representation(wire);
}

function representation(wire: WireKey): string {
  if (typeof wire === "string") return `'${wire}'`;
  if (wire instanceof Uint8Array) return `b'${String.fromCharCode(...wire)}'`;
  if (!Array.isArray(wire)) return String(wire);
  const items = wire.map(representation);
  return items.length === 1 ? `(${items[0]},)` : `(${items.join(", ")})`;
}
