// Environment values: what Python's literal_eval accepts becomes data, everything else stays text.

import { expect, it } from "vitest";
import { interpretLiteral } from "./literal.js";

it.each<[string, unknown]>([
  ["1", 1],
  ["-2.5e3", -2500],
  ["1_000", 1000],
  ["0x10", 16],
  ["True", true],
  ["false", false],
  ["None", null],
  ["null", null],
  ["'a b'", "a b"],
  ['"it\'s\\n"', "it's\n"],
  ["[1, 'x', [True, None]]", [1, "x", [true, null]]],
  ["(1, 2)", [1, 2]],
  ["(1)", 1],
  ["(1,)", [1]],
  ["()", []],
  ["{}", {}],
  ["{'a': 1, 'b': {'c': [2]}}", { a: 1, b: { c: [2] } }],
  ["{1, 2}", [1, 2]],
  [" 3 ", 3],
])("reads %s", (text, value) => {
  expect(interpretLiteral(text)).toEqual(value);
});

it.each([
  "",
  "queue",
  "8GBXS",
  "007",
  "4 GiB",
  "1,2",
  "[1, 2",
  "[1 2]",
  "[,]",
  "{'a': 1, 2}",
  "tcp://127.0.0.1:8786",
  "'open",
  "01:00:00",
  "--qos=long",
  "9007199254740993",
  "1+2",
])("keeps %j as text", (text) => {
  expect(interpretLiteral(text)).toBe(text);
});
