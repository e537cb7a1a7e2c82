// What words of `acme map` become: inputs, shapes, a program's words; and which are refused.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Each, Shared } from "@acme/client";
import { expect, it, onTestFinished } from "vitest";
import { readInputs, readShape, splitWords } from "./map-words.js";

const list = (text: string, keepsTexts = false) => {
  const [read] = readInputs([{ text, isShared: false }], keepsTexts);
  expect(read).toBeInstanceOf(Each);
  return (read as Each<unknown>).values;
};
const value = (text: string, keepsTexts = false) => {
  const [read] = readInputs([{ text, isShared: true }], keepsTexts);
  expect(read).toBeInstanceOf(Shared);
  return (read as Shared<unknown>).value;
};

function fileWith(name: string, content: string): string {
  const folder = mkdtempSync(join(tmpdir(), "words-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

it("reads lists", () => {
  expect(list("0:4")).toEqual([0, 1, 2, 3]);
  expect(list("0:7:3")).toEqual([0, 3, 6]);
  expect(list("3:0:-1")).toEqual([3, 2, 1]);
  expect(list("1,2.5,-3e2,a b,007,12345678901234567890")).toEqual([
    1,
    2.5,
    -300,
    "a b",
    "007",
    "12345678901234567890",
  ]);
  expect(list("5")).toEqual([5]);
  expect(list("[[1,2],[3,4]]")).toEqual([
    [1, 2],
    [3, 4],
  ]);
  expect(list("1.50,2", true)).toEqual(["1.50", "2"]);
});

it("reads files", () => {
  expect(list(fileWith("values.json", '[{"a":1},2]'))).toEqual([{ a: 1 }, 2]);
  expect(list(`@${fileWith("lines.txt", "sub-01\r\n\n3\n")}`)).toEqual(["sub-01", 3]);
  expect(value(fileWith("one.json", '{"a":[1]}'))).toEqual({ a: [1] });
  expect(value(`@${fileWith("note.txt", "as it is\n")}`)).toBe("as it is\n");
  expect(() => list("@/not/there")).toThrow("/not/there cannot be read");
  expect(() => list(fileWith("bad.json", "{"))).toThrow("is no JSON");
  expect(() => list(fileWith("one.json", "{}"))).toThrow("one value for all calls is a --share");
});

it("reads values for all calls", () => {
  expect([value("3"), value("0.5"), value("007"), value("a,b")]).toEqual([3, 0.5, "007", "a,b"]);
  expect([value("[1,2]"), value("true"), value('"true"')]).toEqual([[1, 2], true, "true"]);
  expect(value("1.50", true)).toBe("1.50");
});

it("collects inputs with names in one object, the last argument", () => {
  const given = [
    { text: "subject=a,b", isShared: false },
    { text: "0:2", isShared: false },
    { text: "threads=4", isShared: true },
  ];
  const [first, fields] = readInputs(given, false) as [Each<unknown>, Record<string, unknown>];
  expect(first.values).toEqual([0, 1]);
  expect(Object.keys(fields)).toEqual(["subject", "threads"]);
  expect((fields.threads as Shared<unknown>).value).toBe(4);
});

it("refuses ranges without end", () => {
  expect(() => list("0:5:0")).toThrow("is longer than");
  expect(() => list("0:99999999999")).toThrow("is longer than");
});

it("reads shapes", () => {
  expect(readShape("28,28,_")).toEqual([28, 28, null]);
  expect(readShape("null, inf")).toEqual([null, Infinity]);
  expect(() => readShape("28,x")).toThrow('"x" is no size');
});

it("splits a program's line into words, and nothing else", () => {
  expect(splitWords("recon-all -s {subject}  -all")).toEqual([
    "recon-all",
    "-s",
    "{subject}",
    "-all",
  ]);
  expect(splitWords(`awk '{{print $1}}' "a \\"b\\" \\n" c\\ d e'f'"g" ''`)).toEqual([
    "awk",
    "{{print $1}}",
    'a "b" \\n',
    "c d",
    "efg",
    "",
  ]);
  expect(splitWords("a;b | c > d $HOME `x`")).toEqual(["a;b", "|", "c", ">", "d", "$HOME", "`x`"]);
  expect(() => splitWords("echo 'open")).toThrow("a quote does not end");
  expect(splitWords("")).toEqual([]);
});
