// The plugin that every Python worker needs to take part in P2P shuffles. dask's scheduler registers
// it at its start; it has no parameters, so its pickle is always the same.
import { pyCall } from "../pickle/nodes.js";
import { writePickle } from "../pickle/write-pickle.js";

/** Under which name workers keep it. */
const name = "shuffle";

/** Plugins that a scheduler gives to every Python worker, by name, pickled. */
export function standardWorkerPlugins(): Map<string, Uint8Array> {
  const plugin = pyCall("distributed.shuffle._worker_plugin", "ShuffleWorkerPlugin");
  return new Map([[name, writePickle(plugin).bytes]]);
}
