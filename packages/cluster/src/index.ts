// Public API of this package; nothing else is reachable from outside.
export type { Cluster } from "./cluster.js";
export { LocalCluster, type LocalClusterOptions } from "./local-cluster.js";
export { LocalClusterError } from "./local-shape.js";
export type { PythonWorkersOptions } from "./python-workers.js";
