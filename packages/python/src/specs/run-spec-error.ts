// The error of run specs: what a Python client asked for and cannot be computed from here. What user
// functions throw is not its business.
import { AcmeError } from "@acme/protocol";

/** A run spec is damaged, of a release of dask that is not known, or asks for the impossible. */
export class RunSpecError extends AcmeError {
  readonly code = "RUN_SPEC";
}
