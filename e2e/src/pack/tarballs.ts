// Packs packages as a release would, looks into the tarballs, and installs them into an empty
// folder as a user would. What must hold is the test's to say.

import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { listPackages, type Manifest, type Package, repositoryRoot } from "../tidy/repository.js";

/** What publishing a workspace would publish. */
export function publishablePackages(): Package[] {
  return listPackages().filter(({ manifest }) => manifest.version && manifest.private !== true);
}

/**
 * Packs packages in one go.
 *
 * @param packages - packages with a version
 * @param folder - folder for the tarballs, made here
 * @returns paths of the tarballs by name of the package
 */
export async function packAll(
  packages: readonly Package[],
  folder: string,
): Promise<Map<string, string>> {
  mkdirSync(folder);
  const [command, ...first] = pnpmCommand();
  const filters = packages.flatMap(({ manifest }) => ["--filter", manifest.name]);
  await execa(command!, [...first, ...filters, "pack", "--pack-destination", folder], {
    cwd: repositoryRoot,
  });
  const tarballs = new Map<string, string>();
  for (const file of readdirSync(folder)) {
    const tarball = join(folder, file);
    tarballs.set((await packedManifest(tarball)).name, tarball);
  }
  return tarballs;
}

/** The pnpm that runs this test, or the one that the README names. */
function pnpmCommand(): string[] {
  const running = process.env.npm_execpath ?? "";
  return /pnpm[^/\\]*$/.test(running) ? [process.execPath, running] : ["npx", "-y", "pnpm@10"];
}

/** Paths inside a tarball, without the leading `package/`. */
export async function listTarball(tarball: string): Promise<string[]> {
  const { stdout } = await execa("tar", ["-tzf", tarball]);
  return stdout.split("\n").map((line) => line.replace(/^package\//, ""));
}

/** The package.json inside a tarball, where workspace and catalog versions are resolved. */
export async function packedManifest(tarball: string): Promise<Manifest> {
  const { stdout } = await execa("tar", ["-xzOf", tarball, "package/package.json"]);
  return JSON.parse(stdout);
}

/** Installs tarballs into a new folder; their dependencies from outside come from npm. */
export async function installTarballs(folder: string, tarballs: readonly string[]): Promise<void> {
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  const quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"];
  await execa("npm", ["install", ...quiet, ...tarballs], { cwd: folder });
}

/** Whether a command failed because no registry could be reached. */
export function isNetworkFailure(error: unknown): boolean {
  const text = String((error as { stderr?: unknown }).stderr ?? error);
  return /ENOTFOUND|ECONNREFUSED|ECONNRESET|EAI_AGAIN|ETIMEDOUT|ENETUNREACH|ENOTCACHED/.test(text);
}
