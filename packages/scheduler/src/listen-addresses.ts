// The addresses that a scheduler listens on, from dask's flags: hosts that may be URIs, and lists
// of protocols and ports that belong together one by one. Opens nothing.
import { AcmeError } from "@acme/protocol";

export interface ListenFlags {
  /** Names, addresses or URIs; none: this machine only. */
  readonly hosts: readonly string[];
  /** At least one; used for hosts that name none. */
  readonly protocols: readonly string[];
  /** One per protocol; none: dask's 8786 for the first protocol, a free one for others. */
  readonly ports: readonly string[];
}

/** The flags do not name an address to listen on. */
class ListenFlagsError extends AcmeError {
  readonly code = "LISTEN_FLAGS";
}

const defaultPort = "8786";
const loopback = "127.0.0.1";

/** @throws ListenFlagsError naming the flag */
export function listenAddresses({ hosts, protocols, ports }: ListenFlags): string[] {
  const wanted = ports.length > 0 ? ports : protocols.map((_, i) => (i === 0 ? defaultPort : "0"));
  if (wanted.length !== protocols.length) {
    throw new ListenFlagsError("--protocol and --port must be lists of equal length");
  }
  const places = hosts.length > 0 ? hosts : [loopback];
  return places.flatMap((host) =>
    protocols.map((protocol, i) => addressOf(host, protocol, portOf(wanted[i] as string), ports)),
  );
}

function portOf(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new ListenFlagsError(
    `--port: ${JSON.stringify(text)} is no port; give 0 to 65535, where 0 takes a free one`,
  );
}

/** A host may bring its own scheme and port; a port of its own must not contradict --port. */
function addressOf(text: string, protocol: string, port: number, asked: readonly string[]): string {
  const uri = /^(?:([a-z]+):\/\/)?(.*)$/.exec(text) as RegExpExecArray;
  const scheme = uri[1] ?? protocol;
  const rest = uri[2] as string;
  if (rest.split(":").length > 2 && !rest.startsWith("[")) return `${scheme}://[${rest}]:${port}`;
  const place = /^(\[[^\]]+\]|[^:[\]]*)(?::(\d{1,5}))?\/?$/.exec(rest);
  if (place === null) {
    throw new ListenFlagsError(`--host: ${JSON.stringify(text)} is no host, address or URI`);
  }
  if (place[2] !== undefined && asked.length > 0 && Number(place[2]) !== port) {
    throw new ListenFlagsError(`--host ${text} and --port ${port} name different ports`);
  }
  // As in dask `tcp://` alone means all interfaces.
  return `${scheme}://${place[1]}:${place[2] ?? port}`;
}
