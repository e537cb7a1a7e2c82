// Goal: the worker core's decisions stay what they were, told as stories. Method: each text file
// is run and must read the same afterwards. ACME_REWRITE=1 writes what happened instead; commit
// such a change only when the difference is understood.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { rerun } from "./scenario.js";

const folder = new URL("./", import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith(".txt"));

describe("scenarios of the worker core", () => {
  it("are there", () => {
    expect(names.length).toBeGreaterThanOrEqual(12);
  });

  it.each(names)("%s", (name) => {
    const file = new URL(name, folder);
    const recorded = readFileSync(file, "utf8");
    const happened = rerun(recorded);
    if (process.env.ACME_REWRITE === "1") writeFileSync(file, happened);
    else expect(happened).toBe(recorded);
  });
});
