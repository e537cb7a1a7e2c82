// Errors of pickles and of values for Python. Bounds that were exceeded are the protocol's
// LimitError.
import { AcmeError } from "@acme/protocol";

/** Bytes that are no pickle this package reads: damaged, hostile, or of a protocol before 2. */
export class PickleFormatError extends AcmeError {
  readonly code = "PICKLE_FORMAT";
  /** Byte offset inside the pickle. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(`${message}, at byte ${offset} of a pickle`);
    this.offset = offset;
  }
}

/** A JavaScript value has no form in Python. */
export class PythonValueError extends AcmeError {
  readonly code = "PYTHON_VALUE";
}
