// Fingerprints of module files, so that a client and a worker can tell that they mean the same
// code. A file keeps the fingerprint it had when this process first saw it, because that is what
// this process has loaded.

import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { filePath } from "../functions/specifiers.js";

const seen = new Map<string, string>();

/** Hash of the file behind a URL as this process first saw it; undefined when there is none. */
export function firstSeenHash(url: string): string | undefined {
  const path = filePath(url);
  if (path === undefined) return undefined;
  let hash = seen.get(path);
  if (hash === undefined) {
    hash = currentHash(path);
    if (hash !== undefined) seen.set(path, hash);
  }
  return hash;
}

/**
 * Like {@link firstSeenHash}, knowing the source that was really loaded. Plain JavaScript that
 * differs from its file, when the file is younger than this process, was edited after loading.
 */
export function loadedHash(url: string, source: string): string | undefined {
  const path = filePath(url);
  if (path === undefined || seen.has(path)) return firstSeenHash(url);
  if (!/\.[cm]?js$/.test(path)) return firstSeenHash(url);
  try {
    const text = readFileSync(path, "utf8");
    const edited = statSync(path).mtimeMs > performance.timeOrigin;
    if (text !== source && edited && !source.includes("sourceMappingURL=data:")) {
      seen.set(path, digest(source));
    }
  } catch {
    // The file is gone; the other process will say so.
    return undefined;
  }
  return firstSeenHash(url);
}

/** Hash of a file as it is now. */
function currentHash(path: string): string | undefined {
  try {
    return digest(readFileSync(path));
  } catch {
    // Missing or unreadable: there is nothing to compare.
    return undefined;
  }
}

function digest(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
