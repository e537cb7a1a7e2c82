// Plugins of Python's workers and nannies: pickles that are kept by name and given to whoever
// registers later. Those that are there are told by the shell, which moves the bytes; nobody here
// knows what a plugin does. Corresponds to register_worker_plugin and its like in dask's Scheduler.
import type { PythonException } from "@acme/protocol";
import { coreLimits } from "../limits.js";
import type { SchedulerState } from "../state.js";

export type PluginKind = "worker" | "nanny";

/** What became of a plugin, or why it was not taken. */
export type PluginChange = "added" | "known" | { error: string; raises: PythonException };

const shelf = (state: SchedulerState, kind: PluginKind): Map<string, Uint8Array> =>
  kind === "worker" ? state.workerPlugins : state.nannyPlugins;

export interface NewPlugin {
  kind: PluginKind;
  name: string;
  plugin: Uint8Array;
  /** One of that name that is known already stays. */
  idempotent: boolean;
}

export function addPlugin(state: SchedulerState, added: NewPlugin): PluginChange {
  const plugins = shelf(state, added.kind);
  if (plugins.has(added.name) && added.idempotent) return "known";
  const bytes = bytesOf(state) + added.plugin.byteLength;
  if (bytes > coreLimits.pluginBytes || plugins.size >= coreLimits.plugins) {
    return { error: tooMany, raises: "MemoryError" };
  }
  // Never a view into what it was received with.
  plugins.set(added.name, added.plugin.slice());
  return "added";
}

const tooMany =
  `plugins may be ${coreLimits.plugins} of each kind and take ${coreLimits.pluginBytes} bytes in ` +
  "all: unregister what is not needed, and ship large files another way";

export function removePlugin(state: SchedulerState, kind: PluginKind, name: string): PluginChange {
  if (shelf(state, kind).delete(name)) return "added";
  return { error: `The ${kind} plugin ${name} does not exist`, raises: "ValueError" };
}

function bytesOf(state: SchedulerState): number {
  let bytes = 0;
  for (const plugins of [state.workerPlugins, state.nannyPlugins]) {
    for (const plugin of plugins.values()) bytes += plugin.byteLength;
  }
  return bytes;
}
