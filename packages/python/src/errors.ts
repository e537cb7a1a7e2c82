// The errors of this package: what had to be done by Python and could not be. Knows no cause by name
// beyond its code.
import { AcmeError } from "@acme/protocol";

/** There is no Python that could do what was asked, or it failed at it. */
export class PythonError extends AcmeError {
  readonly code: "PYTHON_UNAVAILABLE" | "PYTHON_FAILED";

  constructor(code: PythonError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
