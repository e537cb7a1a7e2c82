// Tasks as Python clients describe them and values as Python peers send them, through real threads
// and processes. That real dask writes and reads the same is for the end-to-end tests.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeNumpy, encodeNumpy, Pickled, type Serialized, type TaskKey } from "@acme/protocol";
import {
  jsCallable,
  type PickleNode,
  PyObject,
  PyTuple,
  pyCall,
  pyGlobal,
  readPickle,
  readPython,
  readPythonException,
  writePickle,
} from "@acme/python";
import { item } from "@acme/serialize";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { FailedOutcome } from "../core/events.js";
import { Room } from "./fixtures/room.js";

const source = `
export const add = (a, b) => a + b;
export const later = async (a) => { await null; return [a, { n: a }]; };
export const scale = (array, { by }) => array.map((x) => x * by);
export const fail = () => { throw new RangeError("too far"); };
export const same = (value) => value;
export const die = () => process.kill(process.pid, "SIGKILL");
export const closure = () => () => 1;
`;

let folder: string;
let room: Room;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "acme-python-tasks-"));
  writeFileSync(join(folder, "tasks.mjs"), source);
});
afterEach(() => room.close());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Task {
  readonly args?: readonly PickleNode[];
  readonly kwargs?: Readonly<Record<string, PickleNode>>;
  readonly dependencies?: readonly string[];
  readonly executor?: "thread" | "process";
}

let lastOrder = 0;

/** Gives the room a task that calls an export of the module above, or anything else. */
function order(func: string | PickleNode, task: Task = {}): number {
  const callable =
    typeof func === "string" ? jsCallable({ module: `${folder}/tasks.mjs`, export: func }) : func;
  const spec = new PyObject("new", pyGlobal("dask._task_spec", "Task"), []);
  const { args = [], kwargs = {}, dependencies = [], executor = "thread" } = task;
  const before = [false, null, null, null, null];
  spec.state = new PyTuple([
    ...[...before, new PyTuple(args), callable, "k"],
    new Map<PickleNode, PickleNode>(Object.entries(kwargs)),
  ]);
  lastOrder += 1;
  room.executors.apply([
    {
      type: "execute",
      orderId: lastOrder,
      slot: 0,
      key: `task-${lastOrder}` as TaskKey,
      runSpec: Pickled.of(writePickle(spec).bytes),
      dependencies: dependencies as TaskKey[],
      executor,
      isolate: false,
      annotations: null,
    },
  ]);
  return lastOrder;
}

const ref = (key: string) => pyCall("dask._task_spec", "TaskRef", key);

async function result(orderId: number): Promise<Serialized> {
  await room.ok(orderId);
  return room.executors.takeResult(orderId) as Serialized;
}

async function failure(orderId: number): Promise<FailedOutcome> {
  const outcome = await room.outcome(orderId);
  if ("exception" in outcome) return outcome;
  throw new Error(`order ${orderId} ended as ${outcome.type}`);
}

describe.each(["thread", "process"] as const)("in a %s", (executor) => {
  it("calls exported functions and gives what Python reads", async () => {
    room = await Room.open({ nthreads: 1 });
    await room.put("ours", 40);
    const dependencies = ["ours"];
    const sum = order("add", { args: [ref("ours"), 2], dependencies, executor });
    expect(readPython(await result(sum))).toBe(42);
    expect(readPython(await result(order("later", { args: [1], executor })))).toEqual([
      1,
      { n: 1 },
    ]);
  });

  it("reads arrays as typed arrays of its own, and gives arrays", async () => {
    room = await Room.open({ nthreads: 1 });
    const large = new Float64Array(100_000).fill(1.5);
    const stored = encodeNumpy(large, [100, 1000]);
    room.store.set("small", encodeNumpy(Int32Array.of(1, 2)));
    room.store.set("large", stored);
    const task = (key: string) => ({ args: [ref(key)], dependencies: [key], executor });
    const small = await result(order("scale", { ...task("small"), kwargs: { by: 3 } }));
    expect(decodeNumpy(small)).toMatchObject({ dtype: "<i4", data: Int32Array.of(3, 6) });
    const again = decodeNumpy(await result(order("same", task("large"))));
    expect(again.shape).toEqual([100, 1000]);
    expect(again.data[99_999]).toBe(1.5);
    expect(large[0]).toBe(1.5);
  });

  it("fails with an exception that any Python raises", async () => {
    room = await Room.open({ nthreads: 1 });
    const { type, exception, exceptionText } = await failure(order("fail", { executor }));
    expect([type, exceptionText]).toEqual(["error", "RangeError: too far"]);
    expect(readPythonException(exception as Serialized)).toMatchObject({
      pythonType: "builtins.RuntimeError",
      message: "RangeError: too far",
    });
  });
});

describe("what Python made", () => {
  it("and JavaScript cannot read is passed on as it came", async () => {
    room = await Room.open({ nthreads: 1 });
    const model = pyCall("sklearn.model", "Model", 1);
    // What Python does to get it: take the run spec, and of that the first argument.
    const inline = await result(order("same", { args: [model] }));
    const made = readPickle(inline.frames[0] as Uint8Array) as PyObject;
    expect(made.isMadeBy("operator", "getitem")).toBe(true);
    expect(made.args[1]).toBe(0);
    room.store.set("model", inline);
    const stored = await result(order("same", { args: [ref("model")], dependencies: ["model"] }));
    expect(stored.frames).toEqual(inline.frames);
  });

  it("is an input of functions of our own clients too", async () => {
    room = await Room.open({ nthreads: 1 });
    room.store.set("array", encodeNumpy(Float64Array.of(1, 2)));
    // The client's packer puts futures into arguments; here the reference stands in the template.
    const template = await room.teach((x: number) => x + 1, [item(0)]);
    const run = await room.run(template, [1], { dependencies: ["array"] });
    expect(await room.value(run)).toBe(2);
  });
});

describe("what cannot be", () => {
  it("is Python's to run: nothing of it runs here", async () => {
    room = await Room.open({ nthreads: 1 });
    const outcome = await failure(order(pyGlobal("builtins", "len"), { args: [[1]] }));
    expect(outcome.type).toBe("foreign");
    expect(outcome.exceptionText).toMatch(/calls builtins.len, which is Python's.*\n.*LANG-py/);
    expect(readPythonException(outcome.exception as Serialized).message).toContain("builtins.len");
  });

  it("has no form in Python, is no export, or is no run spec of a known dask", async () => {
    room = await Room.open({ nthreads: 1 });
    expect((await failure(order("closure"))).exceptionText).toContain(
      "a function has no form in Python",
    );
    expect((await failure(order("gone"))).exceptionText).toContain("exports no function 'gone'");
    const strange = pyCall("dask._task_spec", "Novelty", 1);
    expect((await failure(order("same", { args: [strange] }))).exceptionText).toContain(
      "dask's Novelty is not known here",
    );
  });

  it("is the death of the process that ran it, told to Python too", async () => {
    room = await Room.open({ nthreads: 1 });
    const { type, exception } = await failure(order("die", { executor: "process" }));
    expect(type).toBe("died");
    expect(readPythonException(exception as Serialized).message).toMatch(/was killed by SIGKILL/);
  });
});
