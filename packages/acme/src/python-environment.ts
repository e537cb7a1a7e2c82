// What a Python client or worker of dask needs to know of a cluster, as environment variables that
// dask's configuration reads. Paths only: keys and tokens never enter an environment.
import { isEncrypted, type RunningCluster } from "./running-cluster.js";

const comm = "DASK_DISTRIBUTED__COMM__";

export function pythonEnvironment({ directory, contact }: RunningCluster): Map<string, string> {
  const variables = new Map([["DASK_SCHEDULER_ADDRESS", contact.address]]);
  const encrypted = isEncrypted(contact.address);
  if (encrypted) {
    const { ca, cert, key } = directory.files;
    variables.set(`${comm}TLS__CA_FILE`, ca);
    for (const role of ["CLIENT", "WORKER", "SCHEDULER"]) {
      variables.set(`${comm}TLS__${role}__CERT`, cert);
      variables.set(`${comm}TLS__${role}__KEY`, key);
    }
  }
  // Also when not, since the shell may hold the variables of another cluster.
  variables.set(`${comm}REQUIRE_ENCRYPTION`, encrypted ? "True" : "False");
  return variables;
}

/** Lines for a shell to evaluate. */
export function exportLines(variables: ReadonlyMap<string, string>): string {
  return Array.from(variables, ([name, value]) => `export ${name}=${quote(value)}\n`).join("");
}

const quote = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
