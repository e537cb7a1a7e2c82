// Real files in a temporary folder: order, formats, spellings, and errors that name file and line.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { configPlaces, parseConfigText, readPlace } from "./files.js";
import { findPath, plainValue } from "./tree.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "acme-config-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const parse = (text: string) => plainValue(parseConfigText(text, "x.yaml"));

it("looks in dask's places, then in ours", () => {
  const env = { DASK_CONFIG: "/d", ACME_CONFIG: "/a", DASK_ROOT_CONFIG: "/opt/dask" };
  expect(configPlaces(env, "/home/ada").map((place) => place.path)).toEqual([
    "/opt/dask",
    "/home/ada/.config/dask",
    "/d",
    "/etc/acme",
    "/home/ada/.config/acme",
    "/a",
  ]);
});

it("reads a place that is named twice once, where it was named last", () => {
  const env = { DASK_CONFIG: "/same", ACME_CONFIG: "/same" };
  const places = configPlaces(env, "/home/ada");
  expect(places.filter((place) => place.path === "/same")).toEqual([
    { path: "/same", required: true },
  ]);
  expect(places.at(-1)!.path).toBe("/same");
});

it("reads the files of a folder by name, later over earlier, and nothing else", () => {
  writeFileSync(join(folder, "b.yml"), "a-b:\n  c: 2\n");
  writeFileSync(join(folder, "a.yaml"), "a_b:\n  c: 1\n  d: 1\n");
  writeFileSync(join(folder, "c.json"), '{"e": [1, true]}');
  writeFileSync(join(folder, "notes.txt"), ": not : yaml :");
  mkdirSync(join(folder, "deeper"));
  expect(plainValue(readPlace({ path: folder, required: true }))).toEqual({
    a_b: { c: 2, d: 1 },
    e: [1, true],
  });
});

it("skips an absent place unless it is required", () => {
  const path = join(folder, "absent.yaml");
  expect(readPlace({ path, required: false }).size).toBe(0);
  expect(() => readPlace({ path, required: true })).toThrow(
    expect.objectContaining({ code: "CONFIG_UNREADABLE", file: path }),
  );
});

it("reads YAML 1.1 as dask does, and leaves clock times, dates and names alone", () => {
  expect(parse("a: yes\nb: off\nc: 014\nd: 10:00:00\ne: 2026-11-01\ny: 1\non: 2\n5: x")).toEqual({
    a: true,
    b: false,
    c: 12,
    d: "10:00:00",
    e: "2026-11-01",
    y: 1,
    on: 2,
    5: "x",
  });
});

it("follows anchors and merges", () => {
  const text = "base: &b {q: 1, r: 2}\nlist: &l [1]\nuse:\n  <<: *b\n  q: 3\ncopy: *b\nsame: *l\n";
  expect(parse(text)).toEqual({
    base: { q: 1, r: 2 },
    list: [1],
    use: { q: 3, r: 2 },
    copy: { q: 1, r: 2 },
    same: [1],
  });
});

it("takes an empty file for no settings", () => {
  expect(parse("")).toEqual({});
  expect(parse("# only a comment\n")).toEqual({});
});

it("remembers the line of each value", () => {
  const tree = parseConfigText("a:\n  b: 1\n  c:\n    d: x\n", "x.yaml");
  expect(findPath(tree, "a.c.d")).toEqual({ value: "x", origin: { file: "x.yaml", line: 4 } });
});

it.each([
  ["a: [1\nb: 2\n", "CONFIG_SYNTAX", 2],
  ["a: 1\nb: *nowhere\n", "CONFIG_SYNTAX", 2],
  ["a:\n  b: [*nowhere]\n", "CONFIG_SYNTAX", 2],
  ["a: &a\n  b: *a\n", "CONFIG_SYNTAX", 2],
  ["- 1\n- 2\n", "CONFIG_NOT_A_MAP", 1],
  ["just text", "CONFIG_NOT_A_MAP", 1],
])("refuses %j with its line", (text, code, line) => {
  expect(() => parseConfigText(text, "x.yaml")).toThrow(
    expect.objectContaining({ code, file: "x.yaml", line }),
  );
});
