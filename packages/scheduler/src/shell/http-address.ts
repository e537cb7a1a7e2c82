// Where the HTTP server listens, from what people write after --dashboard-address.
// Opens nothing: http.ts listens, and decides what happens when a port is taken.
import { AcmeError } from "@acme/protocol";

export interface HttpAddress {
  readonly host: string;
  readonly port: number;
}

/** A text is no address for the HTTP server. */
class HttpAddressError extends AcmeError {
  readonly code = "HTTP_ADDRESS";

  constructor(text: string) {
    super(
      `${JSON.stringify(text)} is no address for the HTTP server: write host:port, :port for all ` +
        "interfaces, or a port alone for this machine only",
    );
  }
}

/** @throws HttpAddressError */
export function parseHttpAddress(text: string): HttpAddress {
  const parts = /^(?:(\[[^\]]*\]|[^:]*):)?(\d{1,5})$/.exec(text.replace(/^https?:\/\//, ""));
  const port = Number(parts?.[2]);
  if (parts === null || port > 65_535) throw new HttpAddressError(text);
  if (parts[1] === undefined) return { host: "127.0.0.1", port };
  return { host: parts[1].replace(/^\[|\]$/g, "") || "0.0.0.0", port };
}
