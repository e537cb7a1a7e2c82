// Words with places for inputs: what they become, and what is refused where they are written.
import { expect, it } from "vitest";
import { fillText, fillWords, inputsNeeded, readTemplate } from "./template.js";

const words = (word: string, ...inputs: unknown[]) => fillWords(readTemplate(word), inputs);

it.each([
  ["-v", [], ["-v"]],
  ["", [], [""]],
  ["{0}", ["a b; rm -rf / $(x) `y` *"], ["a b; rm -rf / $(x) `y` *"]],
  ["{1}-{0}.txt", [1, "x"], ["x-1.txt"]],
  ["{subject}", [{ subject: "sub-01" }], ["sub-01"]],
  ["{subject}", [{ subject: "first" }, "s", { subject: "last" }], ["last"]],
  ["{0.path.name}", [{ path: { name: "deep" } }], ["deep"]],
  ["{0}", [10n ** 20n], ["100000000000000000000"]],
  ["{0}", [0.1 + 0.2], ["0.30000000000000004"]],
  ["{0}", [true], ["true"]],
  ["{0}", [Float64Array.of(1, 2.5)], ["[1,2.5]"]],
  ["{0}", [{ a: [1] }], ['{"a":[1]}']],
  ["{0...}", [["a", "b c", 3]], ["a", "b c", "3"]],
  ["{xs...}", [{ xs: Float64Array.of(1, 2) }], ["1", "2"]],
  ["{0...}", [[]], []],
  ["{{print $1}}", [], ["{print $1}"]],
  ["{{{0}}}", ["x"], ["{x}"]],
  ["{0}", ["{0} {{"], ["{0} {{"]],
])("%s with %o is %o", (word, inputs, expected) => {
  expect(words(word, ...inputs)).toEqual(expected);
});

it("refuses braces that stand for nothing, where the command is written", () => {
  for (const word of ["{", "}", "{}", "{print $1}", "{0", "0}", "{a b}", "{-1}"]) {
    expect(() => readTemplate(word), word).toThrow(/a brace that is meant as such is doubled/);
  }
  expect(() => readTemplate("x{0...}")).toThrow(/stands alone/);
  expect(() => readTemplate("a\0b")).toThrow(/zero/);
});

it("refuses inputs that are not there, or have no text", () => {
  expect(() => words("{1}", "a")).toThrow("{1} asks for input 1, but there are 1");
  expect(() => words("{name}", "a")).toThrow("no input has a field of that name");
  expect(() => words("{toString}", {})).toThrow("no input has a field of that name");
  expect(() => words("{0.b}", { a: 1 })).toThrow("{0.b}: there is no b in a value of type object");
  expect(() => words("{0...}", "a")).toThrow("but ... needs a list");
  expect(() => words("{0}", undefined)).toThrow("{0} is undefined, which has no text");
  expect(() => words("{0}", "a\0b")).toThrow("zero character");
  expect(() => fillText(readTemplate("{0}"), [() => 1])).toThrow("type function");
});

it("knows how many inputs are needed", () => {
  const needed = (...texts: string[]) => inputsNeeded(texts.map(readTemplate));
  expect([needed("a"), needed("{0}", "{2}"), needed("{name}")]).toEqual([0, 3, 1]);
  expect(needed("run_{taskId}", "{seed}")).toBe(0);
});

it("fills in what is known of the call, where no input says otherwise", () => {
  const facts = { taskId: 7, seed: 11, attempt: 2, outputDir: undefined };
  const filled = (word: string, ...inputs: unknown[]) =>
    fillWords(readTemplate(word), inputs, facts);
  expect(filled("{taskId}.{attempt}.{seed}.log")).toEqual(["7.2.11.log"]);
  expect(filled("{taskId}", { taskId: "mine" })).toEqual(["mine"]);
  expect(() => filled("{outputDir}")).toThrow("no input has a field of that name");
});
