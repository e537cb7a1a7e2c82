// Puts the tests of dask's distributed, which its releases leave out, back into a copy of the
// release that is installed. Only tests come from the checkout, so what is tested is the release.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** Files of the checkout that say how its tests are run. */
const settings = ["conftest.py", "pyproject.toml"];

const fixtures = String.raw`(?:c|s|client\w*|tls_client|tls_cluster|cluster_fixture)\b`;
const ownCluster = String.raw`(?<![\w.])(?:tls_cluster_context|cluster)\(`;
const ownCommand = String.raw`"dask",\s*"scheduler"`;
/** A sync test that takes a cluster's fixture, or one that starts a cluster or the command of one. */
const talksToCluster = new RegExp(
  String.raw`^def test_\w+\((?:[^)]*\b)?${fixtures}|${ownCluster}|${ownCommand}`,
  "m",
);

export interface Overlay {
  /** Goes in front of the Python path. */
  readonly folder: string;
  /** Test files, from that folder, that may hold chosen tests. */
  readonly files: readonly string[];
}

/**
 * @param checkout - a checkout of dask's distributed at the tag of the release
 * @throws Error if it is none
 */
export function overlay(python: string, checkout: string, folder: string): Overlay {
  const source = join(checkout, "distributed");
  if (!existsSync(join(source, "tests", "test_client.py"))) {
    throw new Error(`${checkout} holds no tests of dask's distributed`);
  }
  const find = "import distributed; print(distributed.__path__[0])";
  const installed = execFileSync(python, ["-c", find], { encoding: "utf8" }).trim();
  mkdirSync(folder, { recursive: true });
  const copied = join(folder, "distributed");
  cpSync(installed, copied, { recursive: true, filter: (path) => !path.endsWith("__pycache__") });
  for (const name of settings) cpSync(join(checkout, name), join(folder, name));
  const files: string[] = [];
  for (const tests of testFolders(source)) {
    const target = join(copied, relative(source, tests));
    cpSync(tests, target, { recursive: true });
    for (const file of readdirSync(tests).filter((name) => /^test_.*\.py$/.test(name))) {
      if (!talksToCluster.test(readFileSync(join(tests, file), "utf8"))) continue;
      files.push(relative(folder, join(target, file)));
    }
  }
  return { folder, files: files.sort() };
}

function testFolders(source: string): string[] {
  return readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name === "tests")
    .map((entry) => join(entry.parentPath, entry.name));
}
