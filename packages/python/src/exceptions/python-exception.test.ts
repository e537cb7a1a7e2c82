// Whatever the fields of an error say, which a peer may have chosen, its pickle names an exception of
// Python's or dask's. What each error becomes is tested end to end, with a real dask.
import fc from "fast-check";
import { expect, it } from "vitest";
import { readPickle } from "../pickle/read-pickle.js";
import { pythonException } from "./python-exception.js";

const codes = ["KILLED_WORKER", "NO_VALID_WORKER", "P2P_CONSISTENCY", "ACTOR_LOST", "JS_ERROR"];
const text = fc.oneof(fc.string(), fc.constantFrom("os\nsystem", "cos\nsystem\n(S'true'\ntR."));

const fields = fc.record(
  {
    code: fc.oneof(fc.constantFrom(...codes), text),
    message: text,
    wire: fc.oneof(text, fc.tuple(text, fc.integer())),
    worker: text,
    stack: text,
    deaths: fc.nat(100),
    workers: fc.array(text, { maxLength: 3 }),
    resources: fc
      .dictionary(text, fc.nat(9), { maxKeys: 3 })
      .map((of) => new Map(Object.entries(of))),
    timeout: fc.nat(1_000),
  },
  { requiredKeys: ["code", "message", "wire"] },
);

it("names a class of Python's and nothing that a peer could choose", () => {
  fc.assert(
    fc.property(fields, (given) => {
      const node = readPickle(pythonException(new Map(Object.entries(given)))) as {
        maker: { module: string };
      };
      const modules = ["builtins", "distributed.scheduler", "distributed.shuffle._exceptions"];
      expect(modules).toContain(node.maker.module);
    }),
  );
});
