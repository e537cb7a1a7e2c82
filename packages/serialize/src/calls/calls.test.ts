// Map calls: one template, many rows.

import { expect, test } from "vitest";
import { decodeCall, encodeItems, encodeTemplate, item } from "../index.js";

test("a template and its rows make calls", async () => {
  const scale = (x: number, options: { factor: number }, label: string) =>
    `${label}${x * options.factor}`;
  const args = [item(0), { factor: 3 }, item(1)];
  const template = await encodeTemplate({ fn: scale, args });
  const again = await encodeTemplate({ fn: scale, args });
  expect(template.id).toBe(again.id);
  expect(template.name).toBe("scale");
  const rows = await encodeItems([
    [1, "a"],
    [2, "b"],
  ]);
  for (const [index, wanted] of ["a3", "b6"].entries()) {
    const call = await decodeCall(template.frames, rows[index]?.frames ?? []);
    expect(call.fn(...call.args)).toBe(wanted);
  }
});

test("shared arguments are private to each call, the function is kept", async () => {
  const push = (list: number[], x: number) => list.push(x);
  const data = [new Float64Array(500), [0]] as const;
  const template = await encodeTemplate({ fn: push, args: [data[1], item(0), data[0]] });
  const [row] = await encodeItems([[7]]);
  const frames = row?.frames ?? [];
  const first = await decodeCall(template.frames, frames);
  expect(first.fn(...first.args)).toBe(2);
  const second = decodeCall(template.frames, frames);
  if (second instanceof Promise) throw new Error("the second call should need no promise");
  expect(second.fn).toBe(first.fn);
  expect(second.args[0]).toEqual([0]);
  expect(second.args[2]).not.toBe(first.args[2]);
});

test("futures in templates and rows", async () => {
  class Future {
    readonly key: string;
    constructor(key: string) {
      this.key = key;
    }
  }
  const refOf = (value: object) => (value instanceof Future ? value.key : undefined);
  const add = (a: number, b: number) => a + b;
  const template = await encodeTemplate({ fn: add, args: [new Future("s"), item(0)] }, { refOf });
  const rows = await encodeItems([[new Future("r")], [5]], { refOf });
  expect(template.refs).toEqual(["s"]);
  expect(rows.map(({ refs }) => refs)).toEqual([["r"], []]);
  const store = new Map([
    ["s", 10],
    ["r", 1],
  ]);
  const resolveRef = (key: string) => store.get(key);
  const call = await decodeCall(template.frames, rows[0]?.frames ?? [], { resolveRef });
  expect(call.fn(...call.args)).toBe(11);
});

test("cost of a row, encoded and decoded", async () => {
  const template = await encodeTemplate({ fn: (x: number) => x, args: [item(0)] });
  const list = Array.from({ length: 50_000 }, (_, index) => [index]);
  let start = performance.now();
  const rows = await encodeItems(list);
  const encoded = performance.now() - start;
  await decodeCall(template.frames, rows[0]?.frames ?? []);
  start = performance.now();
  let sum = 0;
  for (const { frames } of rows) {
    const call = decodeCall(template.frames, frames);
    if (call instanceof Promise) throw new Error("a loaded template should need no promise");
    sum += call.args[0] as number;
  }
  const decoded = performance.now() - start;
  expect(sum).toBe((50_000 * 49_999) / 2);
  const perRow = (ms: number) => ((ms * 1000) / list.length).toFixed(2);
  console.log(`a row: ${perRow(encoded)} us to encode, ${perRow(decoded)} us to decode`);
});
