// Programs of the system that a test needs: found, or installed where that is possible without
// asking anybody. What they are used for is not known here.
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { type SkippableContext, skipWithReason } from "../skip-with-reason.js";

/**
 * Path of a program; the test ends as skipped if there is none.
 *
 * @param context - of the test
 * @param program - such as `"sshd"`
 * @param debianPackage - that brings it
 */
export async function toolPath(
  context: SkippableContext,
  program: string,
  debianPackage: string,
): Promise<string> {
  let path = find(program);
  let cause: unknown;
  if (path === undefined) {
    cause = await install(debianPackage).catch((error: unknown) => error);
    path = find(program);
  }
  if (path === undefined) skipWithReason(context, `${program} cannot be installed here`, cause);
  return path as string;
}

function find(program: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin"];
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

async function install(debianPackage: string): Promise<void> {
  const root = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const apt = async (...args: string[]) => {
    // Tests that run side by side take turns.
    const inTurn = ["flock", join(tmpdir(), "acme-apt.lock"), "apt-get", "-qq"];
    const [file, ...rest] = [...root, ...inTurn, ...args];
    await execa(file as string, rest, { env: { DEBIAN_FRONTEND: "noninteractive" } });
  };
  await apt("update");
  await apt("install", "-y", "--no-install-recommends", debianPackage);
}
