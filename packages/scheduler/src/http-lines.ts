// What the command says about its HTTP server: where the page is, how to come from another machine,
// and where the token is; never the token itself. Decides on words and prints nothing.
import { hostname, userInfo } from "node:os";
import type { HttpAddress } from "./shell/http-address.js";

const everywhere = new Set(["0.0.0.0", "::"]);

/** @param cluster - name of the cluster whose directory has the token */
export function httpLines({ host, port }: HttpAddress, cluster: string): string[] {
  const own = everywhere.has(host) ? "127.0.0.1" : host;
  const place = own.includes(":") ? `[${own}]` : own;
  const token = `npx @acme/acme status ${cluster} prints the link with the token`;
  return [
    `Status page at: http://${place}:${port}/status (${token})`,
    `To see it from another machine: ssh -L ${port}:${place}:${port} ${login()}`,
  ];
}

function login(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // A container may run under a number that has no name.
    return hostname();
  }
}
