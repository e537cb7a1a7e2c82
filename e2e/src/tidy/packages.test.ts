// What every package.json says: enough to be published, or nothing that would publish it.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { expectNone } from "./offences.js";
import { listPackages, type Package, readManifest, repositoryRoot } from "./repository.js";

const packages = listPackages();

function judge({ folder, shortName, manifest }: Package): string[] {
  const faults: string[] = [];
  const demand = (holds: boolean, fault: string) => {
    if (!holds) faults.push(`${folder}/package.json: ${fault}`);
  };
  demand(manifest.type === "module", 'type is not "module"');
  demand(Boolean(manifest.license), "has no license");
  if (!folder.startsWith("packages/")) {
    demand(manifest.private === true, "is not private");
    demand(manifest.version === undefined, "has a version, so it would be packed");
    return faults;
  }
  demand(manifest.name === `@acme/${shortName}`, `is not named @acme/${shortName}`);
  demand(/^\d+\.\d+\.\d+/.test(manifest.version ?? ""), "has no version");
  demand((manifest.description ?? "").length >= 20, "has no description of a sentence");
  demand(manifest.engines?.node === ">=20.19", 'engines.node is not ">=20.19"');
  demand(manifest.files?.includes("dist/bundle") === true, "files does not list dist/bundle");
  const main = manifest.exports?.["."];
  const conditions = typeof main === "object" ? Object.keys(main) : [];
  demand(
    conditions.join() === "@acme/source,types,default",
    'exports["."] must hold @acme/source, types, default, in this order',
  );
  for (const [name, path] of Object.entries(manifest.bin ?? {})) {
    demand(existsSync(join(repositoryRoot, folder, path)), `bin ${name}: ${path} is not in git`);
    demand(manifest.files?.includes("bin") === true, "files does not list bin");
  }
  return faults;
}

it("every package can be published, and nothing else can", () => {
  expect(packages.length).toBeGreaterThan(9);
  expectNone(packages.flatMap(judge), "Correct these manifests:");
});

it("the root is private, has no version, and floats on any pnpm of a major version", () => {
  const root = readManifest("") as unknown as Record<string, unknown>;
  expect(root.private).toBe(true);
  expect(root.version).toBeUndefined();
  expect(root.packageManager).toBeUndefined();
});
