// Public API of this package; nothing else is reachable from outside.
export type { Cluster } from "./cluster.js";
export { type Contact, ContactFileError, contactFileOf, readContactFile } from "./contact-file.js";
export { LocalCluster, LocalClusterError, type LocalClusterOptions } from "./local-cluster.js";
