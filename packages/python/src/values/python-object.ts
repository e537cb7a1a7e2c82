// A Python value that has no form here. It keeps the bytes it came as, so that it can be passed on to
// further Python tasks; nothing ever opens it.
import type { InspectOptions } from "node:util";
import type { Pickled, Serialized } from "@acme/protocol";
import type { PickleNode } from "../pickle/nodes.js";

/**
 * A handle on a Python value that JavaScript has no form for: an instance of a class, a function,
 * a data frame. It may be an argument of any further Python task, which gets the value itself.
 *
 * @example
 * ```ts
 * const model = await client.submit(python("mypackage:fit"), [table]).result();
 * console.log(model); // PythonObject <sklearn.linear_model._base.LinearRegression>
 * await client.submit(python("mypackage:predict"), [model, 3]).result();
 * ```
 */
export class PythonObject {
  /** Module and name of its class, or of what made it, as far as its bytes tell. */
  readonly typeName: string;
  /** @internal The whole value that it came with, verbatim. */
  readonly payload: Serialized | Pickled;
  /** @internal Keys and indices that lead to it in that value; null if none do. */
  readonly path: readonly PickleNode[] | null;

  /** @internal Made while a value is read. */
  constructor(
    typeName: string,
    payload: Serialized | Pickled,
    path: readonly PickleNode[] | null = [],
  ) {
    this.typeName = typeName;
    this.payload = payload;
    this.path = path;
  }

  [Symbol.for("nodejs.util.inspect.custom")](_depth: number, _options: InspectOptions): string {
    return `PythonObject <${this.typeName}>`;
  }
}
