// The scope analysis against V8's own: every identifier of a function is declared around it, and
// V8 keeps exactly those that the function really uses from outside.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import * as acorn from "acorn";
import { describe, expect, test } from "vitest";
import { freeVariables } from "./free-variables.js";
import { inspectFunction } from "./inspect.js";
import { type AnyNode, childrenOf, isClass, isFunction, parseFunctionText } from "./syntax.js";

const { parse } = acorn;
// Acorn's types leave this export out.
const { keywordTypes } = acorn as unknown as { keywordTypes: Record<string, unknown> };

// Names that no let can declare in strict code.
const undeclarable = new Set([
  ...Object.keys(keywordTypes),
  ..."arguments eval undefined let static yield await implements interface package".split(" "),
  ..."private protected public async enum".split(" "),
]);

function identifiers(node: AnyNode, found = new Set<string>()): Set<string> {
  if (node.type === "Identifier" && !undeclarable.has(node.name)) found.add(node.name);
  for (const child of childrenOf(node)) identifiers(child, found);
  return found;
}

function analyser(text: string): string[] {
  const parsed = parseFunctionText(text);
  if (parsed === undefined) throw new Error(`cannot parse ${text}`);
  const { names } = freeVariables(parsed.node, true);
  return [...names].filter((name) => !undeclarable.has(name)).sort();
}

function engine(text: string): string[] {
  const parsed = parseFunctionText(text);
  const names = [...identifiers(parsed?.node as AnyNode)];
  const expression =
    parsed?.place === "expression" ? text : `({${text}})[Object.keys({${text}})[0]]`;
  const declared = names.length === 0 ? "" : `let ${names.join(",")};`;
  const make = new Function(`"use strict";${declared}return (${expression}\n);`) as () => object;
  const used = new Set<string>();
  for (const { kind, variables } of inspectFunction(make()).scopes) {
    if (kind.startsWith("Global") || kind.startsWith("Script")) continue;
    for (const name of Object.keys(variables)) if (names.includes(name)) used.add(name);
  }
  return [...used].sort();
}

const snippets = readFileSync(new URL("./fixtures/snippets.txt", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => line !== "");

test.each(snippets.map((text) => [text]))("%s", (text) => {
  expect(analyser(text)).toEqual(engine(text));
});

describe("every function of real libraries", () => {
  const require = createRequire(import.meta.url);
  const files = [
    require.resolve("acorn").replace(/acorn\.js$/, "acorn.mjs"),
    require.resolve("msgpackr").replace(/dist.*$/, "pack.js"),
    require.resolve("msgpackr").replace(/dist.*$/, "unpack.js"),
    require.resolve("fast-check").replace(/lib.*$/, "lib/fast-check.js"),
  ];
  test.each(files.map((file) => [file]))("%s", (file) => {
    const source = readFileSync(file, "utf8");
    let compared = 0;
    const visit = (node: AnyNode) => {
      const text = source.slice(node.start, node.end);
      if (isFunction(node) && /^(async|function|\(|\w+ =>)/.test(text) && standsAlone(text)) {
        expect({ text, names: analyser(text) }).toEqual({ text, names: engine(text) });
        compared++;
      }
      for (const child of childrenOf(node)) visit(child);
    };
    visit(parse(source, { ecmaVersion: "latest", sourceType: "module" }));
    expect(compared).toBeGreaterThan(0);
  });
});

// Methods, and code that needs a class around it, cannot be evaluated on their own.
function standsAlone(text: string): boolean {
  const parsed = parseFunctionText(text);
  if (parsed === undefined || parsed.place !== "expression" || isClass(parsed.node)) return false;
  const { privateNames, usesSuper, usesEval, importMeta, usesOuterNewTarget } = freeVariables(
    parsed.node,
    true,
  );
  return (
    privateNames.size === 0 &&
    !usesSuper &&
    !usesEval &&
    importMeta.length === 0 &&
    !usesOuterNewTarget
  );
}

test("what else a text reveals", () => {
  const look = (text: string, strict = true) => {
    const parsed = parseFunctionText(text);
    if (parsed === undefined) throw new Error(text);
    return freeVariables(parsed.node, strict);
  };
  expect(look("() => this").usesOuterThis).toBe(true);
  expect(look("function () { return () => this; }")).toMatchObject({
    usesOwnThis: true,
    usesOuterThis: false,
  });
  expect(look("() => function () { return this; }")).toMatchObject({
    usesOwnThis: false,
    usesOuterThis: false,
  });
  expect(look("m() { return super.m(); }").usesSuper).toBe(true);
  expect(look("() => ({ m() { return super.m(); } })").usesSuper).toBe(false);
  expect(look("() => class extends A { m() { return super.m(); } }").usesSuper).toBe(false);
  expect(look("() => eval('a')").usesEval).toBe(true);
  expect(look("(eval_) => eval_('a')").usesEval).toBe(false);
  expect([...look("(o) => #x in o").privateNames]).toEqual(["#x"]);
  expect([...look("() => class { #x; m() { return this.#x + this.#y; } }").privateNames]).toEqual([
    "#y",
  ]);
  expect(look("() => arguments").usesOuterArguments).toBe(true);
  expect([...look("() => { a = 1; b++; [c] = d; }").assigned].sort()).toEqual(["a", "b", "c"]);
  expect([...look("() => typeof a + typeof b + b").typeofOnly]).toEqual(["a"]);
  const { members } = look("() => { a.x = a.y(); b.z(b); c[d.e]; { let f = 1; f.g; } }");
  expect([...members].map(([name, keys]) => [name, ...keys])).toEqual([
    ["a", "x", "y"],
    ["d", "e"],
  ]);
  expect([...look("class A { static x = early; y = late; }").eager]).toEqual(["early"]);
  expect([...look("() => { with (o) { p; } }", false).typeofOnly]).toEqual(["p"]);
  expect([...look("() => { { function f() {} } return f; }", false).names]).toEqual([]);
});
