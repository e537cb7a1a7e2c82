// Names that tell which process something belongs to, so that what a killed process left behind
// can be told from what a living one uses. A folder on a network disk is seen by many machines, so
// a name also says whose process numbers it goes by.
import { createHash, randomUUID } from "node:crypto";
import { readdirSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/**
 * A name for a folder of this process that nothing else has.
 *
 * @param kind - its first word
 */
export function nameForProcess(kind: string): string {
  return `${kind}-${processSpace()}-${process.pid}-${randomUUID().slice(0, 8)}`;
}

/**
 * Names below a folder that belong to processes that are gone.
 *
 * @param base - must exist
 * @param kinds - first words of the names
 */
export function leftovers(base: string, kinds: readonly string[]): string[] {
  const pattern = new RegExp(`^(?:${kinds.join("|")})-${processSpace()}-(\\d+)-[0-9a-f]{8}$`);
  return readdirSync(base).filter((name) => {
    const pid = Number(pattern.exec(name)?.[1]);
    return Number.isInteger(pid) && !isAlive(pid);
  });
}

/** The same for processes that can see each other by number. */
function processSpace(): string {
  let namespace = "";
  try {
    namespace = readlinkSync("/proc/self/ns/pid");
  } catch {
    // No Linux: the host name must do.
  }
  return createHash("sha1").update(`${hostname()} ${namespace}`).digest("hex").slice(0, 8);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
