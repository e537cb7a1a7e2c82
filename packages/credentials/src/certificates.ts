// Makes the certificates of a cluster: an authority of its own, and one certificate signed by it
// that all its peers show. Keys and signatures are node's; files are others' business.
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import {
  bitString,
  integer,
  objectId,
  octetString,
  sequence,
  set,
  tagged,
  taggedBytes,
  time,
  utf8String,
  yes,
} from "./der.js";
import { credentialLimits } from "./limits.js";

/** What every peer of one cluster has, as PEM text. */
export interface Certificates {
  /** The authority. Its key is forgotten as soon as it has signed. */
  readonly ca: string;
  /** For servers and clients alike. */
  readonly cert: string;
  readonly key: string;
}

export interface Validity {
  /** Milliseconds since 1970. */
  readonly fromMs: number;
  readonly untilMs: number;
}

const ids = {
  commonName: "2.5.4.3",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  basicConstraints: "2.5.29.19",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
} as const;

/** Bits of the key usage, the first one highest. */
const digitalSignature = bitString(Buffer.of(0x80), 7);
const signCertificates = bitString(Buffer.of(0x06), 1);
const commonNameLength = 64;
/** An uncompressed point of P-256 at the end of the encoded public key. */
const pointBytes = 65;

/** The usual validity of certificates made now. */
export function validityFrom(nowMs: number): Validity {
  const { backdateMs, validityMs } = credentialLimits;
  return { fromMs: nowMs - backdateMs, untilMs: nowMs + validityMs };
}

/**
 * Makes the certificates of a cluster, in about a millisecond.
 *
 * @param name - of the cluster; people see it in the certificates
 * @param validity - default: since an hour ago, for a year
 * @example
 * ```ts
 * const { ca, cert, key } = makeCertificates("analysis");
 * ```
 */
export function makeCertificates(name: string, validity = validityFrom(Date.now())): Certificates {
  const authority = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const peer = generateKeyPairSync("ec", { namedCurve: "P-256" });
  // Two authorities of one name would be told apart only by a failing signature.
  const issuer = `acme authority ${randomBytes(6).toString("hex")} ${name}`;
  const signed = { issuer, signer: authority, validity };
  const ca = certificate({ ...signed, subject: issuer, owner: authority, isAuthority: true });
  const subject = `acme cluster ${name}`;
  const cert = certificate({ ...signed, subject, owner: peer, isAuthority: false });
  return {
    ca,
    cert,
    key: peer.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

interface CertificateParts {
  readonly subject: string;
  readonly owner: KeyPair;
  readonly issuer: string;
  readonly signer: KeyPair;
  readonly validity: Validity;
  readonly isAuthority: boolean;
}

function certificate(parts: CertificateParts): string {
  const { subject, owner, issuer, signer, validity } = parts;
  const algorithm = sequence(objectId(ids.ecdsaWithSha256));
  const body = sequence(
    tagged(0, integer(Buffer.of(2))),
    integer(serialNumber()),
    algorithm,
    nameOf(issuer),
    sequence(time(validity.fromMs), time(validity.untilMs)),
    nameOf(subject),
    encodedKey(owner),
    tagged(3, sequence(...extensions(parts))),
  );
  const signature = sign("sha256", body, { key: signer.privateKey, dsaEncoding: "der" });
  return pem("CERTIFICATE", sequence(body, algorithm, bitString(signature)));
}

/** What strict verifiers (OpenSSL's, as of Python 3.13) demand. */
function extensions({ owner, signer, isAuthority }: CertificateParts): Buffer[] {
  const authorityKey = sequence(taggedBytes(0, keyIdentifier(signer)));
  const both = [
    extension(ids.subjectKeyIdentifier, octetString(keyIdentifier(owner))),
    extension(ids.authorityKeyIdentifier, authorityKey),
  ];
  if (isAuthority) {
    const signsNoAuthority = integer(Buffer.of(0));
    return [
      criticalExtension(ids.basicConstraints, sequence(yes(), signsNoAuthority)),
      criticalExtension(ids.keyUsage, signCertificates),
      ...both,
    ];
  }
  return [
    criticalExtension(ids.basicConstraints, sequence()),
    criticalExtension(ids.keyUsage, digitalSignature),
    extension(ids.extendedKeyUsage, sequence(objectId(ids.serverAuth), objectId(ids.clientAuth))),
    ...both,
  ];
}

const extension = (id: string, value: Buffer): Buffer => sequence(objectId(id), octetString(value));

const criticalExtension = (id: string, value: Buffer): Buffer =>
  sequence(objectId(id), yes(), octetString(value));

const nameOf = (text: string): Buffer =>
  sequence(set(sequence(objectId(ids.commonName), utf8String(text.slice(0, commonNameLength)))));

const encodedKey = ({ publicKey }: KeyPair): Buffer =>
  publicKey.export({ type: "spki", format: "der" });

const keyIdentifier = (pair: KeyPair): Buffer =>
  createHash("sha1").update(encodedKey(pair).subarray(-pointBytes)).digest();

/** 127 random bits, never zero. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] as number) & 0x7f) | 0x40;
  return bytes;
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) as string[];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
