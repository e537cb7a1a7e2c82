// Every behaviour of ACME that docs/from-acme.md lists names the tests that show ours: they exist, and
// under that name.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../../..");
const page = readFileSync(join(root, "docs/from-acme.md"), "utf8");

/** Paths by the short names that the tables use. */
const files = new Map(
  [...page.matchAll(/^- `(\w+)`: (\S+\.test\.ts)$/gm)].map(([, name, path]) => [name, path]),
);

const [, listed = ""] = page.split("## Each behaviour and its test");
const rows = [...listed.matchAll(/^\| (?!ACME|---)(.+?) \| (`\w+` .+) \|$/gm)];

test("the page lists behaviours, and each has a test", () => {
  expect(files.size).toBeGreaterThan(20);
  expect(rows.length).toBeGreaterThan(70);
});

test("every test that is named exists", () => {
  const missing: string[] = [];
  for (const [, behaviour, cell = ""] of rows) {
    for (const named of cell.trim().split("<br>")) {
      const [, short, title = ""] = /^`(\w+)` (.+)$/.exec(named) ?? [];
      const path = files.get(short ?? "");
      const text = path === undefined ? "" : readFileSync(join(root, path), "utf8");
      const isThere = ['"', "`"].some((quote) => text.includes(`${quote}${title}${quote}`));
      if (!isThere) missing.push(`${behaviour}: ${named}`);
    }
  }
  expect(missing).toEqual([]);
});
