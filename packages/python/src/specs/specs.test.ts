// Run specs of real dask, read and evaluated without Python. Values are plain here: what JavaScript
// makes of each kind of Python value is tested where that is decided.
import { taskKey } from "@acme/protocol";
import { describe, expect, it } from "vitest";
import { type PickleNode, PyObject, PyTuple, pyCall, pyGlobal } from "../pickle/nodes.js";
import { writePickle } from "../pickle/write-pickle.js";
import { evaluateSpec, type SpecSurroundings } from "./evaluate-spec.js";
import { daskSpecs } from "./fixtures/dask-specs.js";
import { jsCallable, jsReferenceOf, parseJsReference } from "./js-reference.js";
import { readRunSpec } from "./read-spec.js";

const read = (name: keyof typeof daskSpecs) => readRunSpec(Buffer.from(daskSpecs[name], "hex"));

/** Inputs are called what they are; functions give their name and arguments. */
function surroundings(calls: string[] = []): SpecSurroundings {
  return {
    input: (key) => `<${key.replace("\0", "")}>`,
    load: async ({ module, export: name }) => {
      return async (...args) => {
        calls.push(name);
        await Promise.resolve();
        return { [`${module}#${name}`]: args };
      };
    },
    value: (node) => node,
  };
}

const evaluate = (name: keyof typeof daskSpecs, calls?: string[]) =>
  evaluateSpec(read(name).spec, surroundings(calls));

describe("calls", () => {
  it("get plain values as they stand", async () => {
    expect(read("plain")).toMatchObject({ callsJs: true, callsPython: undefined });
    expect(await evaluate("plain")).toEqual({ "./m.mjs#f": [1, "two", 3.5, null] });
  });

  it("get the values of other tasks, also inside containers", async () => {
    expect(await evaluate("refs")).toEqual({
      "./m.mjs#f": ["<a>", "<(s1:tn0;n1;)>", ["<b>", 2], ["<b>", "x"], new Set(["<c>"])],
    });
    expect(await evaluate("dict")).toEqual({ "./m.mjs#f": [{ x: "<a>", y: 1 }] });
  });

  it("get keyword arguments as one object after the others", async () => {
    expect(await evaluate("kwargs")).toEqual({
      "./m.mjs#f": [1, { scale: "<s>", names: ["p", "q"] }],
    });
  });
});

describe("other nodes", () => {
  it("are references, data and containers", async () => {
    expect(read("alias")).toMatchObject({
      spec: { type: "ref", key: taskKey(["other", 3]) },
      callsJs: false,
    });
    expect(await evaluate("data")).toEqual([1, 2]);
    expect(await evaluate("list")).toEqual(["<a>", { "./m.mjs#f": [5] }]);
  });

  it("that call Python are told by what they call", () => {
    expect(read("python")).toMatchObject({ callsJs: false, callsPython: "builtins.len" });
    expect(read("partial").callsPython).toBe("builtins.sorted");
    expect(read("mixed")).toMatchObject({ callsJs: true, callsPython: "builtins.len" });
  });
});

describe("fused tasks", () => {
  it("are made once each, and see what is outside", async () => {
    const calls: string[] = [];
    const a = { "./m.mjs#f": ["<ext>", 1] };
    expect(await evaluate("fused", calls)).toEqual({ "pkg#g": [a, a, "<ext>"] });
    expect(calls).toEqual(["f", "g"]);
    expect(await evaluate("fused-data")).toEqual({ "./m.mjs#f": [7] });
  });

  it("that need themselves are refused", async () => {
    const ref = (key: string) => pyCall("dask._task_spec", "TaskRef", key);
    const inner = new Map<PickleNode, PickleNode>([
      ["a", task([ref("b")])],
      ["b", task([ref("a")])],
    ]);
    const fused = task(
      [inner, "a", PyTuple.of()],
      pyGlobal("dask._task_spec", "_execute_subgraph"),
    );
    const { spec } = readRunSpec(writePickle(fused).bytes);
    await expect(evaluateSpec(spec, surroundings())).rejects.toMatchObject({ code: "RUN_SPEC" });
  });
});

describe("what is no run spec of a known dask", () => {
  it("is refused", () => {
    const node = task([]);
    node.state = PyTuple.of(1, 2);
    expect(() => readRunSpec(writePickle(node).bytes)).toThrow("has fields that are not known");
    const unknown = pyCall("dask._task_spec", "Novelty", "k");
    expect(() => readRunSpec(writePickle(unknown).bytes)).toThrow("dask's Novelty is not known");
    const key = task([pyCall("dask._task_spec", "TaskRef", new Map())]);
    expect(() => readRunSpec(writePickle(key).bytes)).toThrow("no text, number or tuple");
  });

  it("is refused when it is endless", () => {
    const items: PickleNode[] = [];
    const list = new PyObject("new", pyGlobal("dask._task_spec", "List"), []);
    const none = [false, null, null, null, null];
    list.state = [...none, new PyTuple(items), null, null, null, null, null];
    items.push(task([list]));
    expect(() => readRunSpec(writePickle(task([list])).bytes)).toThrow();
  });
});

describe("references to functions", () => {
  it("name module and export", () => {
    expect(parseJsReference("/a/b#c.mjs#f")).toEqual({ module: "/a/b#c.mjs", export: "f" });
    expect(parseJsReference("pkg")).toEqual({ module: "pkg", export: "default" });
    for (const bad of ["#f", "m#", "", 5]) expect(parseJsReference(bad)).toBeUndefined();
    const reference = { module: "./m.mjs", export: "f" };
    expect(jsReferenceOf(jsCallable(reference))).toEqual(reference);
    expect(jsReferenceOf(pyCall("operator", "methodcaller", "upper", "x#y"))).toBeUndefined();
    expect(jsReferenceOf(pyCall("other", "methodcaller", "__js__", "x#y"))).toBeUndefined();
  });
});

function task(
  args: readonly PickleNode[],
  func: PickleNode = jsCallable({ module: "m", export: "f" }),
) {
  const node = new PyObject("new", pyGlobal("dask._task_spec", "Task"), []);
  const none = [false, null, null, null, null];
  node.state = new PyTuple([...none, new PyTuple(args), func, "k", new Map()]);
  return node;
}
