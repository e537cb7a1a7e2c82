// The scanner that the rules stand on, tried on the syntax that could fool it.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the examples are source text

import { describe, expect, it } from "vitest";
import { readModuleSyntax } from "./module-syntax.js";
import { listAllSources } from "./repository.js";
import { tokenize } from "./tokens.js";

const texts = (source: string) => tokenize(source).map((token) => token.text);

describe("tokens", () => {
  it("are not fooled by comments, strings, templates and regular expressions", () => {
    expect(texts("a /* import 'x' */ // y\nb")).toEqual(["a", "b"]);
    expect(texts("'it\\'s' \"//\"")).toEqual(["it\\'s", "//"]);
    expect(texts("`a${`b${c}`}d` e")).toEqual(["`a${", "`b${", "c", "}`", "}d`", "e"]);
    expect(texts("`${{ a: 1 }.a}`")).toEqual(["`${", "{", "a", ":", "1", "}", ".", "a", "}`"]);
    expect(texts("x = /[/'`]/g; y")).toEqual(["x", "=", "/[/'`]/g", ";", "y"]);
    expect(texts("a / b / c")).toEqual(["a", "/", "b", "/", "c"]);
    expect(texts("a! / b! / c")).toEqual(["a", "!", "/", "b", "!", "/", "c"]);
    expect(texts("!/x'/.test(y)")).toEqual(["!", "/x'/", ".", "test", "(", "y", ")"]);
    expect(texts("return /a'b/")).toEqual(["return", "/a'b/"]);
  });

  it("carry their lines", () => {
    const lines = tokenize("a\n/* \n */ b `\n${c\n}` d").map(({ text, line }) => [text, line]);
    expect(lines).toEqual([
      ["a", 1],
      ["b", 3],
      ["`\n${", 3],
      ["c", 4],
      ["}`", 5],
      ["d", 5],
    ]);
  });
});

describe("modules", () => {
  it("import", () => {
    const { imports } = readModuleSyntax(`
      import "a";
      import b, { c, type D, e as f } from "b";
      import type { G } from "g";
      import { type H } from "h";
      import * as i from "i";
      import type from "j";
      const k = await import("k"), u = import.meta.url;
      const o = { import: 1, from: "no" }; x.import("no");
    `);
    expect(imports.map(({ specifier, names, typeOnly }) => [specifier, names, typeOnly])).toEqual([
      ["a", [], false],
      ["b", ["default", "c", "D", "e"], false],
      ["g", ["G"], true],
      ["h", ["H"], true],
      ["i", ["*"], false],
      ["j", ["default"], false],
      ["k", ["*"], false],
    ]);
  });

  it("export", () => {
    const { exports } = readModuleSyntax(`
      export const a = 1; export async function b() {} export function* c() {}
      export abstract class D {} export interface E {} export type F = 1;
      const g = 1, h = 2;
      export { g, h as i };
      export { j as k, type L } from "./x.js";
      export * from "./y.js";
      export type * as m from "./z.js";
      export default a;
      export const { n, o: p } = q, [r] = s;
      function t() { label: { } }
    `);
    expect(
      exports.map(({ name, from }) => (from ? [name, from.name, from.specifier] : name)),
    ).toEqual([
      "a",
      "b",
      "c",
      "D",
      "E",
      "F",
      "g",
      "i",
      ["k", "j", "./x.js"],
      ["L", "L", "./x.js"],
      ["*", "*", "./y.js"],
      ["m", "*", "./z.js"],
      "default",
      "n",
      "p",
    ]);
  });

  it("refer to files", () => {
    const text = 'import "./a.js"; new Worker(new URL("./thread.js", import.meta.url));';
    expect(readModuleSyntax(text).fileReferences).toEqual(["./thread.js"]);
  });

  it("are all readable, and braces close", () => {
    for (const { path, text } of listAllSources()) {
      const signs = tokenize(text).filter((token) => token.kind === "sign");
      const count = (sign: string) => signs.filter((token) => token.text === sign).length;
      expect([path, count("{"), count("(")]).toEqual([path, count("}"), count(")")]);
    }
  });
});
