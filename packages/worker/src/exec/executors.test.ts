// Ordinary work in real threads: values in and out, order, functions by reference, throughput.
import type { Serialized } from "@acme/protocol";
import { item } from "@acme/serialize";
import { afterEach, expect, it } from "vitest";
import { Room } from "./fixtures/room.js";
import { norm, paint } from "./fixtures/tasks.js";
import { execLimits } from "./limits.js";

let room: Room;
afterEach(() => room.close());

it("runs a thousand orders over four slots, each once and in order within its slot", async () => {
  room = await Room.open({ nthreads: 4 });
  const template = await room.teach((x: number) => x * 2);
  const rows = Array.from({ length: 1_000 }, (_, x) => [x]);
  const slots = rows.map((_, x) => ({ slot: x % 4 }));
  const orders = await room.runRows(template, rows, slots);
  const values = await Promise.all(orders.map((orderId) => room.value(orderId)));
  expect(values).toEqual(rows.map(([x]) => (x as number) * 2));
  const ended = room.events.flatMap((event) => (event.type === "executed" ? [event.orderId] : []));
  for (let slot = 0; slot < 4; slot++) {
    const mine = ended.filter((orderId) => (orderId - 1) % 4 === slot);
    expect(mine).toEqual([...mine].sort((a, b) => a - b));
  }
  expect(room.executors.waitingResults).toBe(0);
});

it("names types, gives small values inline and measures the run", async () => {
  room = await Room.open({ nthreads: 1 });
  const template = await room.teach((kind: string) => {
    if (kind === "object") return { a: 1 };
    if (kind === "array") return [1, 2];
    if (kind === "large") return new Float64Array(1e5).fill(3);
    return kind === "nothing" ? undefined : kind;
  });
  const names: Record<string, string> = {
    text: "string",
    object: "Object",
    array: "Array",
    nothing: "undefined",
    large: "Float64Array",
  };
  for (const [kind, name] of Object.entries(names)) {
    const orderId = await room.run(template, [kind]);
    const outcome = await room.ok(orderId);
    expect(outcome.typename).toBe(name);
    expect(outcome.stopMs).toBeGreaterThanOrEqual(outcome.startMs);
    expect(Math.abs(outcome.startMs - Date.now())).toBeLessThan(10_000);
    const result = room.executors.takeResult(orderId) as Serialized;
    expect(outcome.nbytes).toBe(result.nbytes);
    expect(outcome.inline).toBe(kind === "large" ? undefined : result);
  }
});

it("moves large arrays through shared memory in both directions", async () => {
  room = await Room.open({ nthreads: 1 });
  const make = await room.teach((n: number) => new Float64Array(n).fill(7));
  const first = await room.run(make, [1e6]);
  await room.ok(first);
  const value = room.executors.takeResult(first) as Serialized;
  expect(value.frames.some(({ buffer }) => buffer instanceof SharedArrayBuffer)).toBe(true);
  const array = value.frames.find(({ byteLength }) => byteLength === 8e6) as Uint8Array;
  room.store.set("big", value);
  const reader = await room.teach(
    (data: Float64Array) => {
      const sum = data.reduce((a, b) => a + b, 0);
      // Inputs are private: this must reach neither the store nor the next task.
      data.fill(0);
      return [sum, data.buffer instanceof SharedArrayBuffer];
    },
    [new Ref("big")],
    { refOf: (value: object) => (value instanceof Ref ? value.key : undefined) },
  );
  for (let turn = 0; turn < 2; turn++) {
    const orderId = await room.run(reader, [], { dependencies: ["big"] });
    expect(await room.value(orderId)).toEqual([7e6, false]);
  }
  // The executor saw this very memory: it was handed over, not copied here.
  new Float64Array(array.buffer, array.byteOffset, 1e6).fill(1);
  const orderId = await room.run(reader, [], { dependencies: ["big"] });
  expect(await room.value(orderId)).toEqual([1e6, false]);
});

class Ref {
  readonly key: string;
  constructor(key: string) {
    this.key = key;
  }
}

it("gives inputs to threads and processes, and large arguments of rows", async () => {
  room = await Room.open({ nthreads: 1 });
  await room.put("a", 20);
  await room.put("b", { data: new Uint8Array([1, 2]) });
  const refOf = (value: object) => (value instanceof Ref ? value.key : undefined);
  const add = await room.teach(
    (a: number, b: { data: Uint8Array }, row: Float32Array) => a + (b.data[1] ?? 0) + row.length,
    [new Ref("a"), new Ref("b"), item(0)],
    { refOf },
  );
  const row = [new Float32Array(50_000)];
  for (const executor of ["thread", "process"] as const) {
    const options = { executor, dependencies: ["a", "b"] };
    const orders = await room.runRows(add, [row, row, row], [options]);
    for (const orderId of orders) expect(await room.value(orderId)).toBe(50_022);
  }
});

it("awaits promises and collects generators", async () => {
  room = await Room.open({ nthreads: 1 });
  const later = await room.teach(async (x: number) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return x;
  });
  const count = await room.teach(function* (n: number) {
    for (let i = 0; i < n; i++) yield i;
  });
  const countLater = await room.teach(async function* (n: number) {
    for (let i = 0; i < n; i++) yield i;
  });
  expect(await room.value(await room.run(later, [3]))).toBe(3);
  expect(await room.value(await room.run(count, [3]))).toEqual([0, 1, 2]);
  expect(await room.value(await room.run(countLater, [2]))).toEqual([0, 1]);
});

it("runs functions of TypeScript modules by reference, enums included", async () => {
  room = await Room.open({ nthreads: 1 });
  const template = await room.teach(norm);
  const painted = await room.teach(paint);
  for (const executor of ["thread", "process"] as const) {
    expect(await room.value(await room.run(template, [{ x: 3, y: 4 }], { executor }))).toBe(5);
    expect(await room.value(await room.run(painted, ["Blue"], { executor }))).toBe("blue");
  }
});

it("reports errors with class, message, stack and properties", async () => {
  room = await Room.open({ nthreads: 1 });
  const template = await room.teach(async (x: number) => {
    throw Object.assign(new RangeError(`no ${x}`), { code: "E_RANGE" });
  });
  const failure = await room.failure(await room.run(template, [7]));
  expect(failure.type).toBe("error");
  expect(failure.exceptionText).toBe("RangeError: no 7");
  expect(failure.tracebackText).toContain("executors.test.ts");
  expect(failure.error).toBeInstanceOf(RangeError);
  expect(failure.error).toMatchObject({ message: "no 7", code: "E_RANGE" });
});

it("refuses functions it never learnt", async () => {
  room = await Room.open({ nthreads: 1 });
  const unknown = await room.run("no-such-template", [1]);
  expect((await room.failure(unknown)).exceptionText).toContain("was never sent here");
});

it("tells a task its key and address, and sends its output to the worker's stderr", async () => {
  room = await Room.open({ nthreads: 1, workerAddress: "tcp://10.0.0.1:4000" });
  const template = await room.teach(() => {
    const task = Reflect.get(globalThis, Symbol.for("acme.task"));
    console.log("hello from", task.key);
    return [task.key, task.workerAddress, task.signal.aborted, task.isCancelled];
  }, []);
  for (const executor of ["thread", "process"] as const) {
    const orderId = await room.run(template, [], { executor });
    const key = `task-${orderId}`;
    expect(await room.value(orderId)).toEqual([key, "tcp://10.0.0.1:4000", false, false]);
    while (!room.output.includes(`hello from ${key}`)) await new Promise((r) => setTimeout(r, 5));
  }
});

it("costs the control thread little for a task that does nothing", async () => {
  room = await Room.open({ nthreads: 1 });
  const template = await room.teach((x: number) => x);
  const rows = Array.from({ length: 64 }, (_, x) => [x]);
  await room.runRows(template, rows, [{}]);
  const batch = async () => {
    const orders = await room.runRows(template, rows, [{}]);
    await room.outcome(orders.at(-1) as number);
    for (const orderId of orders) room.executors.takeResult(orderId);
  };
  for (let i = 0; i < 50; i++) await batch();
  const startMs = performance.now();
  const from = performance.eventLoopUtilization();
  const batches = 200;
  for (let i = 0; i < batches; i++) await batch();
  const perTask = 1_000 / (batches * rows.length);
  const wallUs = (performance.now() - startMs) * perTask;
  const activeUs = performance.eventLoopUtilization(from).active * perTask;
  console.info(`no-op task: ${wallUs.toFixed(1)} µs, control thread ${activeUs.toFixed(1)} µs`);
  // Encoding the rows and awaiting outcomes in this test is counted too; the machine is shared.
  expect(activeUs).toBeLessThan(100);
  expect(execLimits.cells).toBeGreaterThanOrEqual(64);
});

it("shows each slot its own GPUs, in threads and in child processes", async () => {
  room = await Room.open({ nthreads: 2, gpus: ["4", "5", "6"] });
  const see = await room.teach((_: number) => process.env.CUDA_VISIBLE_DEVICES);
  for (const executor of ["thread", "process"] as const) {
    const orders = await room.runRows(
      see,
      [[0], [0]],
      [
        { slot: 0, executor },
        { slot: 1, executor },
      ],
    );
    const values = await Promise.all(orders.map((orderId) => room.value(orderId)));
    expect(values).toEqual(["4,5", "6"]);
  }
});
