// Writes DER, the binary form of certificates: only the types that a certificate of ours has.
// Knows nothing of what a certificate says.

const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectId: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

export const sequence = (...parts: Uint8Array[]): Buffer => element(tags.sequence, ...parts);
export const set = (...parts: Uint8Array[]): Buffer => element(tags.set, ...parts);
export const octetString = (bytes: Uint8Array): Buffer => element(tags.octetString, bytes);
export const utf8String = (text: string): Buffer => element(tags.utf8String, Buffer.from(text));
export const yes = (): Buffer => element(tags.boolean, Buffer.of(0xff));

/** A field with a number of its own, such as `[0]`, around what it holds. */
export const tagged = (number: number, ...parts: Uint8Array[]): Buffer =>
  element(0xa0 | number, ...parts);

/** A field with a number of its own that is plain bytes. */
export const taggedBytes = (number: number, bytes: Uint8Array): Buffer =>
  element(0x80 | number, bytes);

/** @param bytes - of a number that is not negative, the highest first */
export function integer(bytes: Uint8Array): Buffer {
  let from = 0;
  while (from < bytes.length - 1 && bytes[from] === 0) from += 1;
  const rest = bytes.subarray(from);
  return element(tags.integer, Buffer.of(...((rest[0] ?? 0) > 0x7f ? [0] : [])), rest);
}

/** @param unused - bits at the end of the last byte that do not count */
export const bitString = (bytes: Uint8Array, unused = 0): Buffer =>
  element(tags.bitString, Buffer.of(unused), bytes);

/** @param dotted - such as `2.5.29.19` */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return element(tags.objectId, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** Whole seconds; the form depends on the year. */
export function time(ms: number): Buffer {
  const text = `${new Date(ms).toISOString().slice(0, 19).replace(/[-:T]/g, "")}Z`;
  const isLate = Number(text.slice(0, 4)) >= 2050;
  const digits = Buffer.from(isLate ? text : text.slice(2));
  return element(isLate ? tags.generalizedTime : tags.utcTime, digits);
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) digits.unshift((rest & 0x7f) | 0x80);
  return digits;
}

function element(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(tag, ...lengthOf(content.length)), content]);
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}
