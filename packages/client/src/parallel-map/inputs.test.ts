// Which arguments are spread, which are broadcast, what is refused and how it is said.
import { expect, test } from "vitest";
import { callArguments, repeatInputs, zipInputs } from "./inputs.js";
import { each, range, shared } from "./markers.js";

const f = (x: number, y = 1): number => x + y;
const allCalls = (inputs: ReturnType<typeof zipInputs>) =>
  Array.from({ length: inputs.count }, (_, i) => callArguments(inputs, i));

test("lists are zipped, everything else is broadcast", () => {
  const inputs = zipInputs(f, [[2, 4, 6, 8], 4]);
  expect(inputs.count).toBe(4);
  expect(inputs.description).toBe("x: distributed (4) · y: broadcast");
  expect(allCalls(inputs)).toEqual([
    [2, 4],
    [4, 4],
    [6, 4],
    [8, 4],
  ]);
});

test("typed arrays give numbers, or bigints", () => {
  const g = (a: number, b: bigint) => [a, b];
  const inputs = zipInputs(g, [Float32Array.of(1.5, 2.5), BigInt64Array.of(1n, 2n)]);
  expect(allCalls(inputs)).toEqual([
    [1.5, 1n],
    [2.5, 2n],
  ]);
});

test.each([
  ["text", "abc"],
  ["a set", new Set([1, 2, 3])],
  ["a map", new Map([[1, 2]])],
  ["null", null],
  ["undefined", undefined],
  ["a data view", new DataView(new ArrayBuffer(2))],
  ["a matrix", { data: new Float64Array(2), shape: [2] }],
  ["a shared list", shared([7, 8, 9])],
])("%s goes to every call", (_, value) => {
  const g = (a: unknown, b: unknown) => [a, b];
  const inputs = zipInputs(g, [[1, 2], value]);
  const given = value !== null && typeof value === "object" && "value" in value;
  const whole = given ? value.value : value;
  expect(allCalls(inputs)).toEqual([
    [1, whole],
    [2, whole],
  ]);
  expect(inputs.description).toBe("a: distributed (2) · b: broadcast");
});

test("each() spreads what iterates, and fields of the last argument's options", () => {
  const g = (x: number, options: object) => [x, options];
  const options = { order: each(new Set([4, 5])), band: shared([1, 2]), pad: true };
  const inputs = zipInputs(g, [[1, 2], options]);
  expect(allCalls(inputs)).toEqual([
    [1, { order: 4, band: [1, 2], pad: true }],
    [2, { order: 5, band: [1, 2], pad: true }],
  ]);
  expect(inputs.description).toBe(
    "x: distributed (2) · options.order: distributed (2) · options.{band, pad}: broadcast",
  );
});

test("calls keep what the lists held when the map was made", () => {
  const list = [1, 2];
  const inputs = zipInputs(f, [list]);
  list.push(3);
  list[0] = 9;
  expect(allCalls(inputs)).toEqual([[1], [2]]);
});

test("lists of different length are refused by name", () => {
  expect(() => zipInputs(f, [[1, 2, 3], [4]])).toThrow(/x has 3, y has 1.*shared\(\)/s);
});

test("without a list nothing says how many calls to make", () => {
  expect(() => zipInputs(f, [1, 2])).toThrow(/ParallelMap\.times/);
});

test("an empty list makes no call", () => {
  expect(zipInputs(f, [[], 2]).count).toBe(0);
});

test.each([
  ["itself", { y: 3 }],
  ["in a list", [{ y: 3 }, { y: 4 }]],
  ["shared", shared({ y: 3 })],
  ["each", each([{ y: 3 }, { y: 4 }])],
])("an object for a number is refused: %s", (_, value) => {
  expect(() => zipInputs(f, [[1, 2], value])).toThrow(/^y is a number, text or boolean/);
});

test("an object where the default is an object, or there is none, is fine", () => {
  const g = (x: number, y = {}, z?: object) => [x, y, z];
  expect(zipInputs(g, [[1], { a: 1 }, { b: 2 }]).count).toBe(1);
});

test("more arguments than parameters are refused, unless the function takes any", () => {
  expect(() => zipInputs(f, [[1], 2, 3])).toThrow("f takes 2 arguments (x, y), but 3 were given");
  const rest = (...all: number[]) => all.length;
  expect(zipInputs(rest, [[1], 2, 3]).description).toMatch(/^argument 1: distributed \(1\)/);
  const old = new Function("return arguments.length") as () => number;
  expect(zipInputs(old, [[1], 2]).count).toBe(1);
  expect(zipInputs(Math.max, [[1], 2]).description).toBe(
    "argument 1: distributed (1) · argument 2: broadcast",
  );
});

test("times() repeats whole arguments and spreads only each()", () => {
  const g = (list: number[], x: number) => [list, x];
  const inputs = repeatInputs(2, g, [[7, 8], each([1, 2])]);
  expect(allCalls(inputs)).toEqual([
    [[7, 8], 1],
    [[7, 8], 2],
  ]);
  expect(repeatInputs(3, g, [[7]]).count).toBe(3);
  expect(() => repeatInputs(3, g, [[7], each([1, 2])])).toThrow("3 calls were asked for");
  expect(() => repeatInputs(1.5, g, [])).toThrow("1.5 calls cannot be made");
});

test("a hundred thousand calls are read in well under a second", () => {
  // Of this process, however busy the machine is.
  const before = process.cpuUsage();
  const inputs = zipInputs(f, [range(100_000), 4]);
  for (let i = 0; i < inputs.count; i++) inputs.row(i);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(1_000);
});
