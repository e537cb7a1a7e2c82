// What a user's process sees of the client: what is loaded, and that it ends.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expect, test } from "vitest";

const fixture = (name: string): string =>
  fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

test("a program ends by itself within 2 s after close()", async () => {
  const { stdout } = await execa("node", [fixture("run-and-close.mjs")], { timeout: 60_000 });
  const endedMs = Date.now();
  const [value, closedMs] = stdout.split("\n");
  expect(value).toBe("2");
  expect(endedMs - Number(closedMs)).toBeLessThan(2_000);
});

test("importing the client loads no code of schedulers or workers", async () => {
  const folder = mkdtempSync(join(tmpdir(), "acme-import-"));
  await execa("node", [fixture("only-import.mjs")], { env: { NODE_V8_COVERAGE: folder } });
  const loaded = readdirSync(folder).flatMap((name) => {
    const report = JSON.parse(readFileSync(join(folder, name), "utf8")) as {
      result: { url: string }[];
    };
    return report.result.map(({ url }) => url);
  });
  rmSync(folder, { recursive: true });
  expect(loaded.some((url) => url.includes("/client/dist/"))).toBe(true);
  expect(loaded.filter((url) => /\/(scheduler|worker)\/dist\//.test(url))).toEqual([]);
});
