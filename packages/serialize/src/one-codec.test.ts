// msgpackr's settings decide silently what survives, so exactly two places may make a coder.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

test("no coder besides the wire's and this package's", () => {
  const packages = fileURLToPath(new URL("../../", import.meta.url));
  const owners = readdirSync(packages, { recursive: true, encoding: "utf8" })
    .filter((file) => /^[^/]+\/src\/.*\.ts$/.test(file) && !file.endsWith(".test.ts"))
    .filter((file) =>
      /new (Packr|Unpackr|Encoder)\(/.test(readFileSync(`${packages}${file}`, "utf8")),
    );
  const others = owners.filter((file) => !file.startsWith("protocol/"));
  expect(others).toEqual(["serialize/src/values/document.ts"]);
  expect(owners.length).toBeLessThanOrEqual(2);
});
