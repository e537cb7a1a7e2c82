// Goal: docs/protocol.md is true. Every op of the schemas is explained there and no other, its fields
// are those of the schemas, and the bytes of its example are those that are sent.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { encodeBytes, encodeMessage, frameHeader } from "@acme/protocol";
import { describe, expect, it } from "vitest";
import { directions, fieldTables } from "./field-tables.js";

const file = fileURLToPath(new URL("../../../docs/protocol.md", import.meta.url));
const page = readFileSync(file, "utf8");
const begin = "<!-- fields: made by e2e/src/readme/protocol.test.ts with UPDATE_PROTOCOL=1 -->";
const end = "<!-- end of fields -->";

/** Ops in the first column of the table below a heading. */
function opsBelow(heading: string): string[] {
  const start = page.search(new RegExp(`^#+ ${heading.replace(/[().]/g, "\\$&")}$`, "m"));
  expect(start, `a section ${heading}`).toBeGreaterThan(-1);
  const [, section = ""] = page.slice(start).split(/^#+ .*$/m);
  return [...section.matchAll(/^\| `([^`]+)`\s*\|/gm)].map(([, op]) => op as string);
}

describe("the page about the wire", () => {
  it.each(directions)("explains every op of: %s", (heading, { ops }) => {
    expect(opsBelow(heading).sort()).toEqual([...ops].sort());
  });

  it("has the fields of the schemas", () => {
    const [before] = page.split(begin);
    const [, after] = page.split(end);
    const made = `${before}${begin}\n\n${fieldTables()}\n\n${end}${after}`;
    if (process.env.UPDATE_PROTOCOL === "1") writeFileSync(file, made);
    else expect(unpadded(page)).toBe(unpadded(made));
  });

  const messages: [string, object][] = [
    ["handshake", { compression: null, python: [3, 11, 2], "pickle-protocol": 5 }],
    ["identity", { op: "identity", n_workers: 0, reply: true }],
    [
      "stream",
      [
        { op: "client-releases-keys", keys: ["x", ["y", 2]], client: "Client-1" },
        { op: "heartbeat-client" },
      ],
    ],
    [
      "get_data",
      { status: "OK", data: new Map([["x", encodeBytes(new TextEncoder().encode("hi"))]]) },
    ],
  ];
  it.each(messages)("shows the bytes of: %s", (name, message) => {
    const [, shown = ""] = new RegExp(`\`\`\`hex ${name}\n([^]*?)\`\`\``).exec(page) ?? [];
    // What stands behind three blanks or more is for the reader.
    const hex = shown.split("\n").map((line) => line.trimStart().split(/ {3,}/)[0] ?? "");
    const frames = encodeMessage(message);
    const sent = Buffer.concat([frameHeader(frames), ...frames]).toString("hex");
    expect(hex.join("").replaceAll(" ", "")).toBe(sent);
  });
});

/** The formatter pads the columns of tables. */
function unpadded(text: string): string {
  return text.replace(/ {2,}/g, " ").replace(/-{3,}/g, "--");
}
