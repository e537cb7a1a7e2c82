// Bob Jenkins' lookup3 hash ("hashlittle", initial value 0): the checksum of HDF5's metadata
// blocks and the hash of link names in dense groups.

const rotate = (x: number, k: number): number => (x << k) | (x >>> (32 - k));

/** The 32-bit checksum of `bytes`, unsigned. */
export function lookup3(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let a = (0xdeadbeef + bytes.length) | 0;
  let b = a;
  let c = a;
  let at = 0;
  let left = bytes.length;
  while (left > 12) {
    a = (a + view.getUint32(at, true)) | 0;
    b = (b + view.getUint32(at + 4, true)) | 0;
    c = (c + view.getUint32(at + 8, true)) | 0;
    a = (a - c) ^ rotate(c, 4);
    c = (c + b) | 0;
    b = (b - a) ^ rotate(a, 6);
    a = (a + c) | 0;
    c = (c - b) ^ rotate(b, 8);
    b = (b + a) | 0;
    a = (a - c) ^ rotate(c, 16);
    c = (c + b) | 0;
    b = (b - a) ^ rotate(a, 19);
    a = (a + c) | 0;
    c = (c - b) ^ rotate(b, 4);
    b = (b + a) | 0;
    at += 12;
    left -= 12;
  }
  if (left === 0) return c >>> 0;
  return finalMix(a, b, c, bytes.subarray(at));
}

function finalMix(a0: number, b0: number, c0: number, tail: Uint8Array): number {
  const padded = new DataView(new ArrayBuffer(12));
  for (let i = 0; i < tail.length; i++) padded.setUint8(i, tail[i]!);
  let a = (a0 + padded.getUint32(0, true)) | 0;
  let b = (b0 + padded.getUint32(4, true)) | 0;
  let c = (c0 + padded.getUint32(8, true)) | 0;
  c = ((c ^ b) - rotate(b, 14)) | 0;
  a = ((a ^ c) - rotate(c, 11)) | 0;
  b = ((b ^ a) - rotate(a, 25)) | 0;
  c = ((c ^ b) - rotate(b, 16)) | 0;
  a = ((a ^ c) - rotate(c, 4)) | 0;
  b = ((b ^ a) - rotate(a, 14)) | 0;
  c = ((c ^ b) - rotate(b, 24)) | 0;
  return c >>> 0;
}
