// Collectors of metadata: which tasks of the graphs that came since one was started have ended, in
// which state, and what their workers told of them. Corresponds to dask's
// CollectTaskMetaDataPlugin.
import { type TaskKey, wireKey } from "@acme/protocol";
import { coreLimits } from "../limits.js";
import type { Task } from "../task.js";
import { refuse, reply, type Turn } from "../turn.js";
import type { Asked, Extensions } from "./state.js";
import { hasRoomForName } from "./stored.js";

export function startCollecting(turn: Turn, asked: Asked<"start_task_metadata">): void {
  if (!hasRoomForName(turn, asked)) return;
  const made = { awaited: new Set<TaskKey>(), metadata: new Map(), states: new Map() };
  turn.state.extensions.collectors.set(asked.request.name, made);
  reply(turn, asked.requestId, null);
}

export function stopCollecting(turn: Turn, asked: Asked<"stop_task_metadata">): void {
  const { collectors } = turn.state.extensions;
  const name = asked.request.name ?? "";
  const collector = collectors.get(name);
  if (collector === undefined) {
    const text = `Expected to find exactly one CollectTaskMetaDataPlugin with name ${name} but found 0.`;
    refuse(turn, asked.requestId, text, "ValueError");
    return;
  }
  collectors.delete(name);
  const onWire = <T>(map: Map<TaskKey, T>) => new Map([...map].map(([k, v]) => [wireKey(k), v]));
  const { metadata, states } = collector;
  reply(turn, asked.requestId, { metadata: onWire(metadata), state: onWire(states) });
}

/** A graph came: its tasks are looked for from now on. */
export function expectTasks(extensions: Extensions, tasks: readonly Task[]): void {
  for (const { awaited } of extensions.collectors.values()) {
    for (const { key } of tasks) {
      if (awaited.size < coreLimits.collectedTasks) awaited.add(key);
    }
  }
}

/** A task has ended, in memory or with an error. */
export function collect(extensions: Extensions, task: Task): void {
  if (extensions.collectors.size === 0) return;
  for (const { awaited, metadata, states } of extensions.collectors.values()) {
    if (!awaited.delete(task.key)) continue;
    metadata.set(task.key, task.rare?.metadata ?? null);
    states.set(task.key, task.state);
  }
}
