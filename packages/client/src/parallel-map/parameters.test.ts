// Names and defaults of parameters, from whatever way a function was written.
import { expect, test } from "vitest";
import { parametersOf } from "./parameters.js";

const make = (text: string) => new Function(`return (${text})`)() as () => void;
const names = (text: string) => parametersOf(make(text))?.map(({ name }) => name);
const plain = (text: string) =>
  parametersOf(make(text))?.map(({ hasPrimitiveDefault }) => hasPrimitiveDefault);

test.each([
  ["x => x", ["x"]],
  ["async x => x", ["x"]],
  ["() => 0", []],
  ["(x, y) => x", ["x", "y"]],
  ["async (x, y,) => x", ["x", "y"]],
  ["function (x) {}", ["x"]],
  ["async function* named(x, y) {}", ["x", "y"]],
  ["(x = (1, 2), y = [3, 4]) => x", ["x", "y"]],
  ["(x /* the , first */, // and )\n y) => x", ["x", "y"]],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: source text
  ["(x = ')', y = '\\'', z = `,${'`' + ')'}`) => x", ["x", "y", "z"]],
  ["(x = /[)/],/g, y = 4 / 2) => x", ["x", "y"]],
  ["({ a, b }, [c, d]) => a", ["{ a, b }", "[c, d]"]],
  ["(a, ...rest) => a", ["a", "rest"]],
  ["({ 'm(n'(x, y) {} })['m(n']", ["x", "y"]],
  ["({ ['p' + '('](x) {} })['p(']", ["x"]],
])("%s", (text, expected) => {
  expect(names(text)).toEqual(expected);
});

test("comments around defaults do not matter, what looks like one in a text does not either", () => {
  expect(plain("(a = 1 /* one */, b = 'http://x' // here\n, c = `a//b`) => a")).toEqual([
    true,
    true,
    true,
  ]);
});

test("native and bound functions do not tell", () => {
  expect(parametersOf(Math.max)).toBeUndefined();
  expect(parametersOf(((x: number) => x).bind(null))).toBeUndefined();
});

test("plain defaults are told from all others", () => {
  expect(plain("(a = 1, b = -1.5e-3, c = 'x', d = true, e = 0xff, f = 10n, g = `t`) => a")).toEqual(
    Array(7).fill(true),
  );
  expect(plain("(a, b = null, c = {}, d = [1], e = undefined, f = g(), { h = 1 }) => a")).toEqual(
    Array(7).fill(false),
  );
});
