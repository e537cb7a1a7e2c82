// What a Python client or worker of dask needs to know of a running cluster, as lines for a shell.
// Which variables those are is known elsewhere.
import { daskEnvironment } from "@acme/credentials";
import { isEncrypted, type RunningCluster } from "./running-cluster.js";

export function pythonEnvironment({ directory, contact }: RunningCluster): Map<string, string> {
  const { address } = contact;
  return daskEnvironment(address, isEncrypted(address) ? directory.files : undefined);
}

/** Lines for a shell to evaluate. */
export function exportLines(variables: ReadonlyMap<string, string>): string {
  return Array.from(variables, ([name, value]) => `export ${name}=${quote(value)}\n`).join("");
}

const quote = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
