// Resolves the module specifiers of a script to what another process can import: relative ones to
// file: URLs, bare ones left as they are, to be resolved there from the original module.

import { existsSync, statSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";

// TypeScript lets `./x.js` mean x.ts, and leaves extensions and index files to be guessed.
const rewrites: readonly (readonly [string, string])[] = [
  [".js", ".ts"],
  [".js", ".tsx"],
  [".mjs", ".mts"],
  [".cjs", ".cts"],
  ["", ".ts"],
  ["", ".tsx"],
  ["", ".js"],
  ["", ".mjs"],
  ["", ".cjs"],
  ["", ".json"],
  ["", "/index.ts"],
  ["", "/index.js"],
];

/** `file:` URL of a script that V8 may name by its path; other schemes stay. */
export function scriptUrl(url: string): string {
  return url.startsWith("/") ? pathToFileURL(url).href : url;
}

/** The path of a file: URL without its query; undefined for other URLs. */
export function filePath(url: string): string | undefined {
  if (!url.startsWith("file:")) return undefined;
  return fileURLToPath(url.replace(/[?#].*$/, ""));
}

/** What to import in another process in place of a specifier written in `moduleUrl`. */
export function resolveSpecifier(specifier: string, moduleUrl: string): string {
  if (specifier.startsWith("/@fs/")) return pathToFileURL(specifier.slice(4)).href;
  if (!/^\.{0,2}\//.test(specifier) || !moduleUrl.startsWith("file:")) return specifier;
  const url = new URL(specifier, moduleUrl);
  const found = existingFile(fileURLToPath(url));
  if (found !== undefined) {
    const resolved = pathToFileURL(found);
    resolved.search = url.search;
    return resolved.href;
  }
  return specifier.startsWith("/") ? fromProjectRoot(specifier, moduleUrl) : url.href;
}

// vite writes `/src/x.ts` for a file under the root of the project, some folder above.
function fromProjectRoot(specifier: string, moduleUrl: string): string {
  for (let folder = new URL(".", moduleUrl); ; folder = new URL("..", folder)) {
    const found = existingFile(fileURLToPath(new URL(`.${specifier}`, folder)));
    if (found !== undefined) return pathToFileURL(found).href;
    if (folder.pathname === "/") return pathToFileURL(specifier).href;
  }
}

function existingFile(path: string): string | undefined {
  if (isFile(path)) return path;
  for (const [ending, other] of rewrites) {
    if (!path.endsWith(ending)) continue;
    const candidate = `${path.slice(0, path.length - ending.length)}${other}`;
    if (isFile(candidate)) return candidate;
  }
  return undefined;
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}
