// How each element type is spelled in HDF5: the body of a datatype message.
// complex and bool follow h5py's conventions (compound {r, i}; int8 enum FALSE/TRUE).
import { ByteWriter } from "./bytes.js";
import { type Dtype, isNumericDtype, itemBytes, type NumericDtype, numericInfo } from "./dtype.js";

/** Class (low nibble) and version (high nibble) of the datatype message. */
const FIXED_POINT = 0x10;
const FLOATING_POINT = 0x11;
const STRING = 0x13;
const VARIABLE_LENGTH = 0x19;
const COMPOUND_V3 = 0x36;
const ENUM_V3 = 0x38;

const SIGNED = 0x08;
const UTF8 = 0x10;
const NULL_TERMINATED = 0x00;
const NULL_PADDED = 0x01;

interface FloatLayout {
  readonly exponentAt: number;
  readonly exponentBits: number;
  readonly bias: number;
}

const FLOATS: Readonly<Record<number, FloatLayout>> = {
  2: { exponentAt: 10, exponentBits: 5, bias: 15 },
  4: { exponentAt: 23, exponentBits: 8, bias: 127 },
  8: { exponentAt: 52, exponentBits: 11, bias: 1023 },
};

/** The datatype message body for `dtype`. */
export function encodeDatatype(dtype: Dtype): Uint8Array {
  if (dtype === "str") return variableString();
  if (!isNumericDtype(dtype)) return header(STRING, NULL_PADDED | UTF8, itemBytes(dtype)).finish();
  return encodeNumeric(dtype);
}

function encodeNumeric(dtype: NumericDtype): Uint8Array {
  const { kind, itemBytes: bytes } = numericInfo(dtype);
  switch (kind) {
    case "int":
    case "uint":
      return header(FIXED_POINT, kind === "int" ? SIGNED : 0, bytes)
        .u16(0)
        .u16(bytes * 8)
        .finish();
    case "float":
      return float(bytes);
    case "complex":
      return complex(bytes / 2);
    case "bool":
      return header(ENUM_V3, 2, 1)
        .bytes(encodeNumeric("int8"))
        .cString("FALSE")
        .cString("TRUE")
        .u8(0)
        .u8(1)
        .finish();
  }
}

function header(classAndVersion: number, bits: number, bytes: number): ByteWriter {
  return new ByteWriter().u8(classAndVersion).u8(bits).u8(0).u8(0).u32(bytes);
}

function float(bytes: number): Uint8Array {
  const { exponentAt, exponentBits, bias } = FLOATS[bytes]!;
  const signAt = bytes * 8 - 1;
  const impliedLeadingBit = 0x20;
  return new ByteWriter()
    .u8(FLOATING_POINT)
    .u8(impliedLeadingBit)
    .u8(signAt)
    .u8(0)
    .u32(bytes)
    .u16(0)
    .u16(bytes * 8)
    .u8(exponentAt)
    .u8(exponentBits)
    .u8(0)
    .u8(exponentAt)
    .u32(bias)
    .finish();
}

function complex(partBytes: number): Uint8Array {
  const part = float(partBytes);
  return header(COMPOUND_V3, 2, partBytes * 2)
    .cString("r")
    .u8(0)
    .bytes(part)
    .cString("i")
    .u8(partBytes)
    .bytes(part)
    .finish();
}

function variableString(): Uint8Array {
  const isString = 0x01;
  const isUtf8 = 0x01;
  const character = header(STRING, NULL_TERMINATED | UTF8, 1).finish();
  return new ByteWriter()
    .u8(VARIABLE_LENGTH)
    .u8(isString)
    .u8(isUtf8)
    .u8(0)
    .u32(itemBytes("str"))
    .bytes(character)
    .finish();
}
