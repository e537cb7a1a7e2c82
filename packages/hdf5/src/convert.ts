// Conversion between dtypes that refuses to lose information unless asked to.
// Rounding to a narrower float is not counted as loss, overflow and dropped digits of integers are.
import type { NumericDtype, TypedArray } from "./dtype.js";
import { isFixedString, isNumericDtype, numericInfo, parseDtype } from "./dtype.js";
import { Hdf5Error } from "./errors.js";
import { float16ToNumber, numberToFloat16 } from "./float16.js";
import type { NDArray } from "./ndarray.js";

export interface ConvertOptions {
  /**
   * Allow loss: fractions are cut towards zero, integers are clamped to the range of the target,
   * NaN becomes 0, an imaginary part is dropped, non-zero becomes true. Default false.
   */
  readonly lossy?: boolean;
}

type Numbers = Exclude<TypedArray, BigInt64Array | BigUint64Array>;

/**
 * Converts an array to another dtype; returns the same object when there is nothing to do.
 *
 * Rejected unless `lossy`: float to integer with a fraction, NaN or out of range; integers out of
 * range; integers that a float cannot hold exactly; finite floats that overflow; complex with an
 * imaginary part to real; numbers other than 0 and 1 to bool. Text and numbers never convert.
 *
 * @param array - a normalised array, see {@link asArray}
 * @param dtype - numpy name of the wanted element type
 * @throws Hdf5Error `lossy-conversion`, `unknown-dtype`
 * @example
 * convert(asArray([1, 2, 3]), "int32").data; // Int32Array [1, 2, 3]
 */
export function convert(array: NDArray, dtype: string, options: ConvertOptions = {}): NDArray {
  const to = parseDtype(dtype);
  const { dtype: from, data, shape } = array;
  if (from === to) return array;
  if (isNumericDtype(from) && isNumericDtype(to)) {
    const job = new Conversion(from, to, options.lossy ?? false);
    return { data: job.run(data as TypedArray), shape, dtype: to };
  }
  const isText = (name: string) => name === "str" || isFixedString(name);
  if (isText(from) && isText(to)) return { data, shape, dtype: to };
  // Nothing is lost where there is nothing, and an empty list cannot tell what it would hold.
  if (data.length === 0) {
    return { data: isNumericDtype(to) ? numericInfo(to).create(0) : [], shape, dtype: to };
  }
  throw new Hdf5Error(
    "lossy-conversion",
    `${from} does not convert to ${to}; convert the values before returning them`,
    { from, to },
  );
}

class Conversion {
  readonly #from: NumericDtype;
  readonly #to: NumericDtype;
  readonly #lossy: boolean;

  constructor(from: NumericDtype, to: NumericDtype, lossy: boolean) {
    this.#from = from;
    this.#to = to;
    this.#lossy = lossy;
  }

  run(data: TypedArray): TypedArray {
    const from = numericInfo(this.#from);
    const to = numericInfo(this.#to);
    if (from.entries === to.entries) return this.#entries(data);
    if (to.entries === 1) return this.#entries(this.#realParts(data as Numbers));
    const parts = this.#entries(data) as Numbers;
    const out = to.create(parts.length);
    for (let i = 0; i < parts.length; i++) out[2 * i] = parts[i]!;
    return out;
  }

  #realParts(data: Numbers): Numbers {
    const out = new Float64Array(data.length / 2);
    for (let i = 0; i < out.length; i++) {
      if (!this.#lossy && data[2 * i + 1] !== 0) throw this.#loss(`${data[2 * i + 1]}j`, i);
      out[i] = data[2 * i]!;
    }
    return out;
  }

  #entries(data: TypedArray): TypedArray {
    const source =
      this.#from === "float16" ? Float32Array.from(data as Uint16Array, float16ToNumber) : data;
    const big = source instanceof BigInt64Array || source instanceof BigUint64Array;
    switch (this.#to) {
      case "int64":
      case "uint64":
        return big ? this.#bigToBig(source) : this.#numbersToBig(source);
      case "bool":
        return this.#toBool(source);
      default:
        return this.#toNumbers(big ? this.#bigToFloat64(source) : source);
    }
  }

  #toNumbers(source: Numbers): TypedArray {
    const kind = numericInfo(this.#to).kind;
    const isFloat = kind === "float" || kind === "complex";
    const target = this.#createEntries(source.length);
    if (isFloat) return this.#toFloats(source, target);
    const [low, high] = this.#range();
    for (let i = 0; i < source.length; i++) {
      const value = source[i]!;
      target[i] = value;
      if (target[i] === value) continue;
      if (!this.#lossy) throw this.#loss(value, i);
      target[i] = Math.min(Math.max(Math.trunc(value), low), high);
    }
    return target;
  }

  #toFloats(source: Numbers, target: Numbers): TypedArray {
    const half = this.#to === "float16";
    const fromFloat = !["int", "uint", "bool"].includes(numericInfo(this.#from).kind);
    for (let i = 0; i < source.length; i++) {
      const value = source[i]!;
      target[i] = half ? numberToFloat16(value) : value;
      if (this.#lossy) continue;
      const stored = half ? float16ToNumber(target[i]!) : target[i]!;
      if (stored === value || Number.isNaN(value)) continue;
      if (!fromFloat || !Number.isFinite(stored)) throw this.#loss(value, i);
    }
    return target;
  }

  #bigToFloat64(source: BigInt64Array | BigUint64Array): Float64Array {
    const out = new Float64Array(source.length);
    for (let i = 0; i < source.length; i++) {
      out[i] = Number(source[i]!);
      if (!this.#lossy && BigInt(out[i]!) !== source[i]) throw this.#loss(source[i]!, i);
    }
    return out;
  }

  #bigToBig(source: BigInt64Array | BigUint64Array): TypedArray {
    const [low, high] =
      this.#to === "int64" ? [-(2n ** 63n), 2n ** 63n - 1n] : [0n, 2n ** 64n - 1n];
    const out = numericInfo(this.#to).create(source.length) as BigInt64Array;
    for (let i = 0; i < source.length; i++) {
      const value = source[i]!;
      const clamped = value < low ? low : value > high ? high : value;
      if (clamped !== value && !this.#lossy) throw this.#loss(value, i);
      out[i] = clamped;
    }
    return out;
  }

  #numbersToBig(source: Numbers): TypedArray {
    const [low, high] =
      this.#to === "int64" ? [-(2n ** 63n), 2n ** 63n - 1n] : [0n, 2n ** 64n - 1n];
    const out = numericInfo(this.#to).create(source.length) as BigInt64Array;
    for (let i = 0; i < source.length; i++) {
      const value = source[i]!;
      if (Number.isInteger(value)) {
        const exact = BigInt(value);
        out[i] = exact < low ? low : exact > high ? high : exact;
        if (exact >= low && exact <= high) continue;
      } else if (this.#lossy) {
        out[i] = Number.isFinite(value)
          ? BigInt(Math.trunc(value))
          : value > 0
            ? high
            : value < 0
              ? low
              : 0n;
      }
      if (!this.#lossy) throw this.#loss(value, i);
    }
    return out;
  }

  #toBool(source: TypedArray): Uint8Array {
    const out = new Uint8Array(source.length);
    for (let i = 0; i < source.length; i++) {
      const value = Number(source[i]!);
      if (!this.#lossy && value !== 0 && value !== 1) throw this.#loss(value, i);
      out[i] = value === 0 ? 0 : 1;
    }
    return out;
  }

  #createEntries(length: number): Numbers {
    const { create, entries } = numericInfo(this.#to);
    return create(entries === 2 ? Math.ceil(length / 2) : length).subarray(0, length) as Numbers;
  }

  #range(): [low: number, high: number] {
    const { kind, itemBytes } = numericInfo(this.#to);
    const span = 2 ** (8 * itemBytes);
    return kind === "int" ? [-span / 2, span / 2 - 1] : [0, span - 1];
  }

  #loss(value: number | bigint | string, index: number): Hdf5Error {
    return new Hdf5Error(
      "lossy-conversion",
      `element ${index} (${value}) does not survive from ${this.#from} to ${this.#to}; ` +
        "choose a wider dtype or allow it with { lossy: true }",
      { from: this.#from, to: this.#to, index, value },
    );
  }
}
