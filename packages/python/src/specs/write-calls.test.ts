// Goal: head, item and tail are one pickle of dask's Task, references are dask's nodes wherever they
// are, and calls of one function repeat nothing that they share.
import { expect, it } from "vitest";
import { type PickleNode, PyTuple, pyCall, pyGlobal } from "../pickle/nodes.js";
import { readPickle } from "../pickle/read-pickle.js";
import { CallWriter, KeywordArguments, type PythonCalls, type WrittenCall } from "./write-calls.js";

class Stand {
  readonly key: string;
  constructor(key: string) {
    this.key = key;
  }
}
const refOf = (value: object) => (value instanceof Stand ? value.key : undefined);
const writerOf = (calls: Partial<PythonCalls> = {}) =>
  new CallWriter({ target: pyGlobal("m", "f"), shared: [], keywords: {}, ...calls }, refOf);

/** As a scheduler does it that knows no pickle. */
function joined({ template }: CallWriter, { frames: [own, ...buffers] }: WrittenCall): PickleNode {
  const [head, tail, ...common] = template.frames;
  return readPickle(Buffer.concat([head!, own!, tail!]), [...common, ...buffers]);
}

const task = (...args: PickleNode[]) => pyCall("dask._task_spec", "Task", null, ...args);
const spec = (name: string, ...args: PickleNode[]) => pyCall("dask._task_spec", name, ...args);
const apply = pyGlobal("dask.utils", "apply");
const f = task(pyGlobal("pkgutil", "resolve_name"), "m:f");
const none = new Map();

it("calls import their function when they run", () => {
  const writer = writerOf({ shared: [[7], "x"] });
  expect(joined(writer, writer.item([1, { a: 2 }]))).toEqual(
    task(apply, f, [1, new Map([["a", 2]]), [7], "x"], none),
  );
  expect(joined(writer, writer.item([2, null]))).toEqual(task(apply, f, [2, null, [7], "x"], none));
});

it("keywords of all calls and of one are put together", () => {
  const writer = writerOf({ keywords: { axis: 0, out: undefined } });
  expect(joined(writer, writer.item([1]))).toEqual(task(apply, f, [1], new Map([["axis", 0]])));
  const own = writer.item([1, new KeywordArguments({ axis: 1, ord: 2 })]);
  const both = new Map([
    ["axis", 1],
    ["ord", 2],
  ]);
  expect(joined(writer, own)).toEqual(task(apply, f, [1], both));
});

it("references are found at any depth", () => {
  const writer = writerOf();
  const a = new Stand("a");
  const item = writer.item([a, [1, { k: new Set([a]) }], [2], PyTuple.of(a as never)]);
  const ref = spec("TaskRef", "a");
  expect(item.refs).toEqual(["a"]);
  expect(joined(writer, item)).toEqual(
    task(
      ...[apply, f],
      spec(
        "List",
        ref,
        spec("List", 1, spec("Dict", "k", spec("Set", ref))),
        [2],
        spec("Tuple", ref),
      ),
      none,
    ),
  );
});

it("the function may be a task of its own", () => {
  const writer = writerOf({ target: "source-1" as never });
  expect(writer.template.refs).toEqual(["source-1"]);
  const item = writer.item([new Stand("a")]);
  const list = spec("List", spec("TaskRef", "a"));
  expect(joined(writer, item)).toEqual(task(apply, spec("TaskRef", "source-1"), list, none));
});

it("shared memory is written once, and each call is a few bytes", () => {
  const big = new Float64Array(10_000);
  const writer = writerOf({ shared: [big, "y".repeat(60)] });
  expect(writer.template.frames.length).toBe(3);
  expect(writer.template.frames[2]?.buffer).toBe(big.buffer);
  const items = Array.from({ length: 300 }, (_, i) => writer.item([i, [i]]));
  expect(Math.max(...items.map(({ frames }) => frames[0]!.length))).toBeLessThan(100);
  const last = joined(writer, items[299]!) as unknown as { args: PickleNode[] };
  expect((last.args[3] as PickleNode[]).slice(0, 2)).toEqual([299, [299]]);
});

it("templates differ by what they say", () => {
  const ids = [
    writerOf(),
    writerOf({ shared: [1] }),
    writerOf({ shared: [2] }),
    writerOf({ shared: [[1]] }),
    writerOf({ keywords: { a: 1 } }),
    writerOf({ keywords: { b: 1 } }),
    writerOf({ target: pyGlobal("m", "g") }),
  ].map(({ template }) => template.id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(writerOf({ shared: [[1]] }).template.id).toBe(ids[3]);
});
