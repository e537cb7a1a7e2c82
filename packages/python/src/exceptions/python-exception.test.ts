// What an error of the scheduler makes Python call; that dask agrees is tested with a real one.
import { expect, it } from "vitest";
import { readPickle } from "../pickle/read-pickle.js";
import { pythonException } from "./python-exception.js";

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
  other: new Map<string, unknown>([["message", "no such thing"]]),
};

it("names a class of Python's and nothing that a peer could choose", () => {
  for (const fields of Object.values(errors)) {
    const node = readPickle(pythonException(fields)) as { maker: { module: string } };
    expect(["builtins", "distributed.scheduler"]).toContain(node.maker.module);
  }
});
