// Whether certificates can be used now, and in words why not. Reads no files; what happens between
// two peers is the business of their connection.
import { createPrivateKey, X509Certificate } from "node:crypto";
import type { Certificates, Validity } from "./certificates.js";
import { CredentialsError } from "./errors.js";
import { nameOf } from "./places.js";

/** Where certificates come from, for messages. */
export interface CertificateOrigin {
  readonly folder: string;
  /** Completes "the certificates …". */
  readonly where: string;
  readonly remedy: string;
}

export const inFolder = (folder: string): CertificateOrigin => ({
  folder,
  where: `in ${folder}`,
  remedy: `Start its scheduler again (acme-scheduler --name ${nameOf(folder)}), which makes new ones`,
});

/** Of the command line, for a cluster in this folder. */
export const givenFor = (folder: string): CertificateOrigin => ({
  folder,
  where: "given with --tls-cert and --tls-ca-file",
  remedy: "Give others, or none: then the scheduler makes them itself",
});

/**
 * Checks that certificates belong together and are valid now.
 *
 * @throws CredentialsError
 */
export function checkCertificates(
  certificates: Certificates,
  origin: CertificateOrigin,
  nowMs: number,
): void {
  const { untilMs, fromMs } = validityOf(certificates, origin);
  const { folder, where, remedy } = origin;
  if (nowMs > untilMs) {
    const end = new Date(untilMs).toISOString();
    throw new CredentialsError(folder, `The certificates ${where} expired at ${end}. ${remedy}`);
  }
  if (nowMs >= fromMs) return;
  const [from, now] = [fromMs, nowMs].map((ms) => new Date(ms).toISOString());
  throw new CredentialsError(
    folder,
    `The certificates ${where} are valid from ${from} on, and the clock of this machine says ` +
      `${now}. Correct its clock, or that of the machine where they were made`,
  );
}

/** From when to when all of them are valid. @throws CredentialsError if they make no sense */
export function validityOf(
  { ca, cert, key }: Certificates,
  { folder, where, remedy }: CertificateOrigin,
): Validity {
  try {
    const authorities = each(ca);
    const chain = each(cert);
    const [peer] = chain;
    const last = chain.at(-1);
    // A chain from elsewhere may have authorities in between.
    const isSigned = authorities.some((authority) => last?.verify(authority.publicKey));
    if (!isSigned || !peer?.checkPrivateKey(createPrivateKey(key))) {
      throw new Error("they do not belong together");
    }
    return {
      fromMs: Math.max(...chain.map(({ validFrom }) => Date.parse(validFrom))),
      untilMs: Math.min(...chain.map(({ validTo }) => Date.parse(validTo))),
    };
  } catch (cause) {
    const why = (cause as Error).message;
    throw new CredentialsError(
      folder,
      `The certificates ${where} cannot be used: ${why}. ${remedy}`,
      cause,
    );
  }
}

/** All certificates of a PEM text. */
function each(pem: string): X509Certificate[] {
  const texts = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return texts.map((text) => new X509Certificate(text));
}
