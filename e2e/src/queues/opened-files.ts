// Which files a program opens, from strace's record of it and all its children.
// Must not know what the program is.
import { mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

export interface OpenedFiles {
  /** Opened with success below the shared folders; each file once, whatever it was called. */
  readonly shared: readonly string[];
  /** How often any of them was opened, by all processes together. */
  readonly opens: number;
  /** Calls that looked at something in shared folders, or for something that is not there. */
  readonly looks: number;
  /** Opened elsewhere: the node's own libraries, devices, /proc, temporary files. */
  readonly elsewhere: number;
  /** What was executed. */
  readonly programs: readonly string[];
}

const traced = "open,openat,stat,lstat,newfstatat,statx,access,faccessat2,readlink,execve";

/** Writes a shell script that runs a program under strace, for whoever takes the path of one. */
export function writeTracer(path: string, program: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const options = `-ff -qq -s 512 -e trace=${traced} -o "${folder}/calls"`;
  writeFileSync(path, `#!/bin/sh\nexec strace ${options} "${program}" "$@"\n`, { mode: 0o755 });
}

/** What the tracer found so far. */
export function openedFiles(folder: string, sharedFolders: readonly string[]): OpenedFiles {
  const calls = readdirSync(folder).flatMap((file) =>
    readFileSync(join(folder, file), "utf8").split("\n").flatMap(callIn),
  );
  const isShared = ({ path }: Call) => sharedFolders.some((one) => path.startsWith(`${one}/`));
  const opened = calls.filter(({ name, works }) => works && name.startsWith("open"));
  const shared = opened.filter(isShared);
  const executed = calls.filter(({ name, works }) => works && name === "execve");
  return {
    shared: [...new Set(shared.map(({ path }) => realPath(path)))].sort(),
    opens: shared.length,
    looks: calls.filter(isShared).length - shared.length,
    elsewhere: unique(opened.filter((call) => !isShared(call))).length,
    programs: unique(executed),
  };
}

interface Call {
  readonly name: string;
  readonly path: string;
  readonly works: boolean;
}

function callIn(line: string): Call[] {
  const match = /^(\w+)\((?:AT_FDCWD, )?"(\/[^"]*)".* = (-?\d+)/.exec(line);
  if (match === null) return [];
  const [, name = "", path = "", result] = match;
  return [{ name, path: resolve(path), works: result !== "-1" }];
}

const unique = (calls: readonly Call[]) => [...new Set(calls.map(({ path }) => path))].sort();

/** As it was called if it is gone by now. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
