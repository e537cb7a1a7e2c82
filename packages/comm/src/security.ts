// From our three PEM texts to what node's tls wants. Both roles show a certificate and check the
// other's; names are not checked, because dask's peers are known by authority, not by host.
import { createSecureContext, type SecureContext } from "node:tls";
import { type Address, formatAddress, parseAddress } from "./address.js";
import { TlsRequiredError } from "./errors.js";
import type { Security } from "./types.js";

const minVersion = "TLSv1.2";
/** Making a context costs milliseconds, so one is kept per security object. */
const contexts = new WeakMap<Security, SecureContext>();

export function isEncrypted(address: Address): boolean {
  return address.scheme === "tls" || address.scheme === "wss";
}

/**
 * What to tell a user who connects without encryption.
 *
 * @returns undefined if the connection is encrypted, or stays in this process
 */
export function plaintextWarning(address: string): string | undefined {
  const parsed = parseAddress(address);
  if (isEncrypted(parsed) || parsed.scheme === "inproc") return undefined;
  return (
    `the connection with ${address} is not encrypted, and whoever can reach that port can run ` +
    "code as the user of its workers; leave out --insecure (or security: false) where its " +
    "scheduler is started"
  );
}

/** @throws TlsRequiredError if the address may not be used with this security */
export function checkSecurity(address: Address, security: Security | undefined): void {
  const text = formatAddress(address.scheme, address.host, address.port);
  if (isEncrypted(address)) {
    if (security?.ca !== undefined && security.cert !== undefined && security.key !== undefined) {
      return;
    }
    throw new TlsRequiredError(text, "tls needs certificates: give security { ca, cert, key }");
  }
  if (security?.requireEncryption && address.scheme !== "inproc") {
    throw new TlsRequiredError(
      text,
      "encryption is required here: use tls:// or wss://, or leave requireEncryption out",
    );
  }
}

const bothRoles = {
  requestCert: true,
  rejectUnauthorized: true,
} as const;

/** Options of a connecting side. Call {@link checkSecurity} before. */
export function tlsClientOptions(security: Security) {
  const secureContext = secureContextOf(security);
  return { ...bothRoles, secureContext, checkServerIdentity: () => undefined };
}

/** Options of a listening side, whose server makes its own context. */
export function tlsServerOptions({ ca, cert, key }: Security) {
  return { ...bothRoles, ca, cert, key, minVersion } as const;
}

function secureContextOf(security: Security): SecureContext {
  const kept = contexts.get(security);
  if (kept !== undefined) return kept;
  const { ca, cert, key } = security;
  const context = createSecureContext({ ca, cert, key, minVersion });
  contexts.set(security, context);
  return context;
}
