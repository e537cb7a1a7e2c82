// Another version of node to run users' programs with, installed from npm into a folder.
// Which programs those are is not known here.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";

/**
 * Installs a version of node.
 *
 * @param folder - made here; holds nothing else
 * @param major - such as `24`
 * @returns path of its binary
 * @throws what npm says, see `isNetworkFailure`; Error if what came is another version
 */
export async function installNode(folder: string, major: number): Promise<string> {
  mkdirSync(folder);
  const quiet = ["--no-audit", "--no-fund", "--prefer-offline"];
  await execa("npm", ["install", ...quiet, "--prefix", folder, `node@${major}`], { cwd: folder });
  const binary = join(folder, "node_modules", "node", "bin", "node");
  const { stdout: version } = await execa(binary, ["--version"]);
  if (version.startsWith(`v${major}.`)) return binary;
  throw new Error(`npm's node@${major} is ${version}`);
}
