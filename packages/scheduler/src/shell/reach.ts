// Whether the machine of a silent worker can still be reached: its operating system accepts a
// connection even while the worker itself is busy or stopped. Says nothing to the worker.
import { connect } from "node:net";
import { parseAddress } from "@acme/comm";
import { shellLimits } from "./limits.js";

/** What says that there is no way to the machine, or nobody on it who listens. */
const telling = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTDOWN",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETUNREACH",
  "ETIMEDOUT",
]);

/** @returns null when it was reached, or when nothing can be said */
export function whyUnreachable(address: string): Promise<string | null> {
  const { scheme, host, port } = parseAddress(address);
  if (scheme === "inproc") return Promise.resolve(null);
  const timeoutMs = shellLimits.reachMs;
  const socket = connect({ host, port, timeout: timeoutMs });
  return new Promise<string | null>((resolve) => {
    socket.once("connect", () => resolve(null));
    socket.once("timeout", () => resolve(`no answer within ${timeoutMs / 1000} s`));
    socket.on("error", ({ code = "", message }: NodeJS.ErrnoException) => {
      resolve(telling.has(code) ? message : null);
    });
  }).finally(() => socket.destroy());
}
