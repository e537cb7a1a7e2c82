// What went wrong with TLS, in words that say what to do. Knows the codes of node and OpenSSL, and
// what the own certificate says; nothing of where certificates come from.
import { X509Certificate } from "node:crypto";
import { TlsError } from "./errors.js";
import type { Security } from "./types.js";

const otherCluster =
  "is of another cluster: both sides need the credentials of one and the same cluster";
const clocks = "Is the clock right, here and there?";

/** By the code with which one side refuses the certificate of the other. */
const verdicts: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: `has expired: start the scheduler again, so that it makes new ones. ${clocks}`,
  CERT_NOT_YET_VALID: `is not valid yet. ${clocks}`,
  SELF_SIGNED_CERT_IN_CHAIN: otherCluster,
  DEPTH_ZERO_SELF_SIGNED_CERT: otherCluster,
  UNABLE_TO_GET_ISSUER_CERT: otherCluster,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: otherCluster,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: otherCluster,
  CERT_SIGNATURE_FAILURE: otherCluster,
};

const plainPeer = new Set(["ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_PACKET_LENGTH_TOO_LONG"]);

/** The error of a connecting side, if trying again is of no use. */
export function tlsFailure(address: string, cause: unknown): TlsError | undefined {
  const why = explainRefusal(cause);
  return why === undefined ? undefined : new TlsError(address, why, { cause });
}

function explainRefusal(cause: unknown): string | undefined {
  const code = String((cause as { code?: unknown }).code);
  if (plainPeer.has(code)) {
    return "the peer does not speak TLS; use tcp:// or ws://, or start it with certificates";
  }
  if (verdicts[code] !== undefined) return `its certificate ${verdicts[code]}`;
  // The peer's verdict about ours, which it sends as an alert.
  if (/^ERR_SSL_.*ALERT_CERTIFICATE_REQUIRED$/.test(code)) return "it wants a certificate";
  if (/^ERR_SSL_.*ALERT_UNKNOWN_CA$/.test(code)) return `it says that ours ${otherCluster}`;
  if (/^ERR_SSL_.*ALERT_.*CERTIFICATE/.test(code)) return `it refuses ours. ${clocks}`;
  return undefined;
}

/** Why a peer may have hung up right after TLS was agreed on, which is how node refuses one. */
export function explainHangUp(security: Security | undefined): string {
  const own = ownValidity(security);
  if (own !== undefined) return `it refuses our certificate, which ${own}`;
  return (
    "it hung up, as it does to a certificate of another cluster or when its clock is wrong; its " +
    "log says why"
  );
}

/** What is wrong with the dates of the own certificate, if anything is. */
export function ownValidity(
  security: Security | undefined,
  nowMs = Date.now(),
): string | undefined {
  if (security?.cert === undefined) return undefined;
  const { validFrom, validTo } = new X509Certificate(security.cert);
  if (nowMs > Date.parse(validTo)) return `expired at ${iso(validTo)}. ${clocks}`;
  return nowMs < Date.parse(validFrom)
    ? `is valid from ${iso(validFrom)} on. ${clocks}`
    : undefined;
}

const iso = (date: string): string => new Date(date).toISOString();

/**
 * Why a listening side refused a peer.
 *
 * @param error - of the failed handshake
 * @param verdict - about the peer's certificate, if it came that far
 */
export function explainRefused(
  error: Error,
  verdict: unknown,
  security: Security | undefined,
): string {
  const code = (error as { code?: string }).code ?? "";
  if (typeof verdict === "string") return `its certificate ${verdicts[verdict] ?? verdict}`;
  if (code === "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE") {
    return "it has no certificate: give it the credentials of this cluster";
  }
  if (code !== "ECONNRESET") return `${error.message.trim()}; is it a peer of this cluster?`;
  const own = ownValidity(security);
  if (own !== undefined) return `it hung up on our certificate, which ${own}`;
  return (
    "it hung up, as a peer does that has the credentials of another cluster, or whose clock is " +
    "wrong"
  );
}

/** The bytes with which a TLS server answers what is no TLS: alert, fatal, protocol version. */
export const noTlsAlert = Buffer.of(0x15, 0x03, 0x01, 0, 2, 2, 70);

/** Whether the first bytes of an answer are such an alert. No frame count looks like it. */
export function isTlsAlert(bytes: Uint8Array): boolean {
  const [type, major, minor = 0] = bytes;
  return type === 0x15 && major === 0x03 && minor >= 1 && minor <= 4;
}
