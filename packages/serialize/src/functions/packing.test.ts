// Packing inside the test runner itself: its loader rewrites modules, which must not matter.

import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as acorn from "acorn";
import { describe, expect, test } from "vitest";
import {
  decodeValue,
  encodeValue,
  explainFunction,
  importFunction,
  loadFunction,
  packFunction,
  perWorker,
  registerByValue,
  registerClass,
  task,
} from "../index.js";
import { codePlace } from "./code-place.js";
import { Importable } from "./fixtures/importable.mjs";
import { freeVariables } from "./free-variables.js";
import { resolveSpecifier } from "./specifiers.js";

const offset = 100;

async function trip<F extends (...args: never[]) => unknown>(fn: F): Promise<F> {
  const { frames, hash } = await packFunction(fn);
  return (await loadFunction(frames, { hash })) as unknown as F;
}

test("a closure of a test file, and its imports", async () => {
  const add = await trip((x: number) => x + offset);
  expect(add(1)).toBe(101);
  const size = await trip(() => readFileSync(new URL(import.meta.url), "utf8").length);
  expect(size()).toBeGreaterThan(100);
});

test("import() and imports of transformed modules", async () => {
  const later = await trip(async () => (await import("./specifiers.js")).scriptUrl("/a"));
  expect(await later()).toBe("file:///a");
  const named = await trip(() => [resolveSpecifier("pkg", ""), typeof acorn.parse]);
  expect(named()).toEqual(["pkg", "function"]);
});

test("an instance of an importable class goes with a reference to it", async () => {
  const { frames } = await encodeValue([new Importable(3), new Importable(4)]);
  const [first, second] = (await decodeValue(frames)) as Importable[];
  expect(first?.next().value).toBe(4);
  expect(first?.constructor).toBe(second?.constructor);
  expect(Buffer.from(frames[0] ?? []).toString("latin1")).not.toContain("this.value");
});

test("remarks are made about the task, not about methods it calls", async () => {
  function Old(this: { v: number }, v: number) {
    this.v = v;
  }
  const make = Old as unknown as new (v: number) => { v: number };
  const packed = await packFunction(() => new make(3).v);
  expect(packed.warnings).toEqual([]);
  expect((await loadFunction(packed.frames))()).toBe(3);
});

test("an export of a module is found by its position under the runner", async () => {
  expect((await packFunction(freeVariables)).kind).toBe("reference");
  expect((await packFunction(resolveSpecifier)).kind).toBe("reference");
});

test("the hash tells functions apart and the cache keeps them", async () => {
  const make = (n: number) => () => n;
  const [one, again, two] = await Promise.all(
    [make(1), make(1), make(2)].map((f) => packFunction(f)),
  );
  expect(one?.hash).toBe(again?.hash);
  expect(one?.hash).not.toBe(two?.hash);
  expect(await loadFunction(one?.frames ?? [])).toBe(await loadFunction(again?.frames ?? []));
  expect((await loadFunction(two?.frames ?? []))()).toBe(2);
});

test("closures of one place that captured nothing are packed once", async () => {
  const make = (name: string) => {
    const made = { [name]: (x: number) => x + 1 };
    return made[name] as (x: number) => number;
  };
  const first = await packFunction(make("add"));
  expect(await packFunction(make("add"))).toBe(first);
  expect((await packFunction(make("plus"))).name).toBe("plus");
  const marked = task(make("add"), { by: "value" });
  expect(await packFunction(marked)).not.toBe(first);
  const withState = Object.assign(make("add"), { step: 2 });
  expect((await packFunction(withState)).hash).not.toBe(first.hash);
  const alike = (x: number) => x + 1;
  Object.defineProperty(alike, "name", { value: "add" });
  expect((await packFunction(alike)).hash).not.toBe(first.hash);
});

test("a place is told of functions of a script alone, and after V8 has dropped bytecode", () => {
  const make = () => () => 0;
  const place = codePlace(make());
  expect(place).toMatch(/^\d+:\d+$/);
  expect(codePlace(() => 0)).not.toBe(place);
  const nowhere = [Math.max, make().bind(null), new Proxy(make(), {}), new Proxy(class {}, {})];
  expect(nowhere.map(codePlace)).toEqual(nowhere.map(() => undefined));
  setFlagsFromString("--stress-flush-code");
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let i = 0; i < 5; i++) collect();
  setFlagsFromString("--no-stress-flush-code");
  expect(codePlace(make())).toBe(place);
});

test("identity holds across a value and what functions inside it captured", async () => {
  const shared: { n: number; list: unknown[] } = { n: 1, list: [] };
  const value = { shared, grow: () => ++shared.n, all: shared.list };
  shared.list.push(value);
  const { frames } = await encodeValue(value);
  const back = (await decodeValue(frames)) as typeof value;
  expect(back.all[0]).toBe(back);
  expect(back.grow()).toBe(2);
  expect(back.shared.n).toBe(2);
  expect(shared.n).toBe(1);
});

describe("classes by value", () => {
  class Point {
    x: number;
    constructor(x: number) {
      this.x = x;
    }
    twice(): number {
      return this.x * 2;
    }
  }

  test("are one class for all documents that reach a process", async () => {
    const isPoint = await trip((value: unknown) => value instanceof Point);
    const [a, b] = await Promise.all([encodeValue(new Point(1)), encodeValue([new Point(2)])]);
    const first = (await decodeValue(a.frames)) as Point;
    const [second] = (await decodeValue(b.frames)) as Point[];
    expect(first.twice()).toBe(2);
    expect(second?.constructor).toBe(first.constructor);
    expect(isPoint(first)).toBe(true);
  });

  test("built-in kinds with a subclass keep content and class", async () => {
    class Counter extends Map<string, number> {
      label = "c";
      bump(key: string): this {
        return this.set(key, (this.get(key) ?? 0) + 1);
      }
    }
    class Failure extends Error {
      detail = { at: 3 };
    }
    class Stack extends Array<number> {
      top(): number | undefined {
        return this.at(-1);
      }
    }
    const list = Stack.of(1, 2) as Stack;
    const value = { map: new Counter().bump("a"), error: new Failure("no"), list };
    const back = (await decodeValue((await encodeValue(value)).frames)) as typeof value;
    expect(back.map.bump("a").get("a")).toBe(2);
    expect(back.map.label).toBe("c");
    expect(back.error).toMatchObject({ message: "no", detail: { at: 3 } });
    expect(back.error).toBeInstanceOf(Error);
    expect(back.error.constructor.name).toBe("Failure");
    expect(back.list.top()).toBe(2);
  });

  test("static fields come as they are now, cycles through the class too", async () => {
    class Node {
      static root: Node | undefined;
      static count = 0;
      kind = Node;
    }
    Node.root = new Node();
    Node.count = 7;
    const back = (await decodeValue((await encodeValue({ Node })).frames)) as { Node: typeof Node };
    expect(back.Node.count).toBe(7);
    expect(back.Node.root).toBeInstanceOf(back.Node);
    expect(back.Node.root?.kind).toBe(back.Node);
  });

  test("private state travels when the user says how", async () => {
    class Secret {
      #value: number;
      constructor(value: number) {
        this.#value = value;
      }
      reveal(): number {
        return this.#value;
      }
    }
    await expect(encodeValue(new Secret(5))).rejects.toMatchObject({ code: "PRIVATE_STATE" });
    registerClass(Secret, {
      encode: (secret) => secret.reveal(),
      decode: (value: number) => new Secret(value),
    });
    const back = (await decodeValue((await encodeValue([new Secret(5)])).frames)) as Secret[];
    expect(back[0]?.reveal()).toBe(5);
  });
});

test("what was packed once is not examined again, unless something can have changed", async () => {
  const pure = (x: number) => x * 2;
  expect(await packFunction(pure)).toBe(await packFunction(pure));
  let state = 1;
  const reads = () => state;
  const before = await packFunction(reads);
  state = 2;
  const after = await packFunction(reads);
  expect(after.hash).not.toBe(before.hash);
  const owner = Object.assign(() => 1, { note: "a" });
  const first = await packFunction(owner);
  owner.note = "b";
  expect((await packFunction(owner)).hash).not.toBe(first.hash);
});

test("ways to override", async () => {
  const lib = new URL("./fixtures/lib.mjs", import.meta.url);
  const named = importFunction(lib, "declared");
  expect(await named(1)).toBe(2);
  expect((await packFunction(named)).kind).toBe("reference");
  expect(await (await trip(named))(4)).toBe(5);

  expect((await packFunction(task(freeVariables, { by: "value" }))).kind).toBe("value");
  expect((await packFunction(resolveSpecifier)).kind).toBe("reference");
  registerByValue(new URL("./specifiers.ts", import.meta.url));
  expect((await packFunction(resolveSpecifier)).kind).toBe("value");
});

test("a per-worker value is made once, whichever message brings it", async () => {
  const counter = perWorker(() => ({ calls: 0 }));
  const bump = await trip((by: number) => {
    counter().calls += by;
    return counter().calls;
  });
  const read = await trip(() => counter().calls);
  expect(bump(2)).toBe(2);
  expect(bump(3)).toBe(5);
  expect(read()).toBe(5);
  expect(counter().calls).toBe(0);
});

test("errors thrown by a function sent by value name the original line", async () => {
  const fails = await trip((x: number) => {
    if (x > 0) throw new RangeError("here");
    return x;
  });
  let stack = "";
  try {
    fails(1);
  } catch (error) {
    stack = (error as Error).stack ?? "";
  }
  const source = readFileSync(new URL(import.meta.url), "utf8").split("\n");
  const line = source.findIndex((text) => text.includes('RangeError("here")')) + 1;
  expect(stack).toContain(`packing.test.ts:${line}:`);
});

test("the report tells what would be sent", async () => {
  const data = new Float64Array(10);
  const report = await explainFunction(() => [data.length, offset, resolveSpecifier.name]);
  expect(report).toMatchObject({ kind: "value", warnings: [] });
  expect(report.bytes).toBeGreaterThan(100);
  expect(report.parts[0]?.captures).toEqual([
    { name: "data", holds: "Float64Array" },
    { name: "offset", holds: "number" },
  ]);
  expect(report.parts[0]?.imports[0]).toMatch(/specifiers\.ts$/);
});

test("a large capture draws a warning", async () => {
  const data = new Float64Array(200_000);
  const { warnings } = await packFunction(() => data.length);
  expect(warnings.map(({ code }) => code)).toEqual(["LARGE_CAPTURE"]);
});

test("a function that arrived can be sent on", async () => {
  const list = [1, 2];
  const first = await trip((x: number) => resolveSpecifier("pkg", "") + list.length + x + offset);
  const second = await trip(first);
  expect(second(1)).toBe("pkg21100");
  const makes = await trip((n: number) => (x: number) => x * n + list.length);
  const made = await trip(makes(3));
  expect(made(5)).toBe(17);
});
