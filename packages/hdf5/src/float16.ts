// IEEE half precision in plain arithmetic: Node 20 has no Float16Array.
// Bit patterns in and out; which arrays hold them is for dtype.ts and convert.ts.

const word = new Uint32Array(1);
const single = new Float32Array(word.buffer);

/** The number that half-precision bits stand for. */
export function float16ToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 0x1f) return mantissa === 0 ? sign * Infinity : NaN;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

/** The half-precision bits nearest to `value` (ties to even); beyond 65504 it is infinity. */
export function numberToFloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size >= 65520) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | roundToEven(size * 2 ** 24);
  // The exponent is read from the float32 bits below the value, where rounding cannot raise it.
  single[0] = size;
  if (single[0]! > size) word[0] = word[0]! - 1;
  const exponent = (word[0]! >>> 23) - 127;
  const mantissa = roundToEven((size / 2 ** exponent - 1) * 1024);
  return sign | (((exponent + 15) << 10) + mantissa);
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
