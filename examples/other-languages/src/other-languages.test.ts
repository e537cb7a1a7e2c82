// The examples that need nothing beyond a shell and what every build server has; those of heavier
// languages run in the soak of that name.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";

test("a tool for each subject: its files, its log, its environment", async () => {
  const cwd = mkdtempSync(join(tmpdir(), "recon-"));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  const program = fileURLToPath(new URL("./tool.js", import.meta.url)).replace("/src/", "/dist/");
  const { stdout } = await promisify(execFile)(process.execPath, [program], { cwd });
  for (const subject of ["sub-01", "sub-02", "sub-03"]) {
    expect(stdout).toContain(`${subject}: recon-tool -s ${subject} finished without error`);
    const surface = join(cwd, "subjects", subject, "surf", "lh.white");
    expect(readFileSync(surface, "utf8")).toBe(`surface of ${subject}\n`);
    expect(readFileSync(join(cwd, "logs", `${subject}.log`), "utf8")).toContain("with 2 threads");
  }
});
