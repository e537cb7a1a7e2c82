// Each error of the scheduler arrives in Python as the exception that dask's scheduler raises: the
// pickles are opened by a real dask.
import { pythonException } from "@acme/python";
import { execa } from "execa";
import { expect, it } from "vitest";
import { pythonFor } from "./site.js";

const errors = {
  killed: new Map<string, unknown>([
    ["code", "KILLED_WORKER"],
    ["wire", ["x", 1]],
    ["worker", "tls://1.2.3.4:5"],
    ["deaths", 4],
  ]),
  restricted: new Map<string, unknown>([
    ["code", "NO_VALID_WORKER"],
    ["wire", "y"],
    ["workers", ["alice"]],
    ["resources", new Map([["GPU", 2]])],
    ["timeout", 3],
  ]),
  nobody: new Map<string, unknown>([
    ["code", "NO_VALID_WORKER"],
    ["wire", "y"],
    ["timeout", 3],
  ]),
  javaScript: new Map<string, unknown>([
    ["code", "JS_ERROR"],
    ["message", "RangeError: too far"],
    ["stack", "RangeError: too far\n    at walk"],
  ]),
  other: new Map<string, unknown>([["message", "no such thing"]]),
};

const program = `
import pickle, sys
for line in sys.argv[1:]:
    error = pickle.loads(bytes.fromhex(line))
    print(type(error).__name__, error.args and error.args[0], str(error)[:60])
`;

it("is what dask expects", { timeout: 300_000 }, async (context) => {
  const python = pythonFor(context);
  const pickles = Object.values(errors).map((fields) => {
    return Buffer.from(pythonException(fields)).toString("hex");
  });
  const { stdout } = await execa(python, ["-c", program, ...pickles]);
  expect(stdout.split("\n")).toEqual([
    "KilledWorker ('x', 1) Attempted to run task ('x', 1) on 4 different workers, but a",
    "NoValidWorkerError y Attempted to run task 'y' but timed out after 3.00 s waiting",
    "NoWorkerError y Attempted to run task 'y' but timed out after 3.00 s waiting",
    "RuntimeError RangeError: too far RangeError: too far",
    "RuntimeError no such thing no such thing",
  ]);
});
