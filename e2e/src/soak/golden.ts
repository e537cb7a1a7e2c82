// Runs the maps of acme-maps.py with the newest ACME of PyPI and writes down anew what it leaves:
// e2e/src/map/golden/golden.json, with which the tests compare what we leave of the same maps.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { describe, type Golden } from "../map/golden/h5-files.js";
import type { Findings } from "./findings.js";

const sources = fileURLToPath(new URL("../../src/map/golden/", import.meta.url));
const record = join(sources, "golden.json");
const askVersions =
  "import json; from importlib.metadata import version; " +
  "print(json.dumps({name: version(name) for name in ('esi-acme', 'dask', 'h5py')}))";

export async function golden(findings: Findings): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "golden-"));
  try {
    const found = await recordIn(folder);
    const before: Golden = JSON.parse(readFileSync(record, "utf8"));
    findings.note("versions", found.versions);
    for (const name of Object.keys(found.outcomes)) {
      const [was, is] = [before.outcomes[name], found.outcomes[name]].map((each) => {
        return JSON.stringify(each);
      });
      if (was !== is) findings.note(`${name} ended in another way`, { was, is });
    }
    writeFileSync(record, `${JSON.stringify(found)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function recordIn(folder: string): Promise<Golden> {
  const environment = join(folder, "python");
  const runs = join(folder, "runs");
  mkdirSync(runs);
  await execa("python3", ["-m", "venv", environment]);
  const python = join(environment, "bin", "python");
  await execa(python, ["-m", "pip", "install", "--quiet", "esi-acme"]);
  const { stdout } = await execa(python, [join(sources, "acme-maps.py"), runs]);
  const versions = await execa(python, ["-c", askVersions]);
  return {
    versions: JSON.parse(versions.stdout),
    outcomes: JSON.parse(stdout.split("\n").at(-1) ?? ""),
    files: describe(python, runs),
  };
}
