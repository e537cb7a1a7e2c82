// Undoes the compression that Python peers may have been told to use. We ask for none, so that only
// values that were compressed on the way to somebody else come so.
import { inflateSync } from "node:zlib";
import { type Inflate, WireFormatError } from "@acme/protocol";

export const inflate: Inflate = (compression, bytes, maxOutputLength) => {
  if (compression === "zlib") return inflateSync(bytes, { maxOutputLength });
  throw new WireFormatError(
    `a value is compressed with ${compression}, which is not read here: set ` +
      "distributed.comm.compression to zlib or null in Python",
  );
};
