// The newest releases of what we are compared with, in virtual environments below the user's cache
// folder, on the Python that the system brings (others may be built without optimisation).
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** A virtual environment with the newest releases of some packages. */
export interface Incumbent {
  readonly python: string;
  /** Version of the interpreter and of each package that was asked for. */
  readonly versions: Readonly<Record<string, string>>;
}

const systemPython = "/usr/bin/python3";
/** How long an environment counts as the newest. */
const freshMs = 12 * 3600 * 1000;
/** Whoever makes an environment for longer than this has died of it. */
const makingMs = 600_000;
const lookMs = 200;

/**
 * Makes or updates an environment.
 *
 * @param packages - names; all but the first also say which versions are printed
 * @throws Error with pip's words
 */
export function install(name: string, packages: readonly string[]): Incumbent {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  const folder = join(cache, "acme-bench", name);
  const python = join(folder, "bin", "python");
  mkdirSync(join(cache, "acme-bench"), { recursive: true });
  inTurn(`${folder}.lock`, () => {
    if (!existsSync(join(folder, "bin", "pip"))) {
      const base = existsSync(systemPython) ? systemPython : "python3";
      run(base, ["-m", "venv", "--clear", folder]);
    }
    const mark = join(folder, "updated");
    if (ageMs(mark) < freshMs) return;
    const quiet = ["--quiet", "--disable-pip-version-check", "--upgrade"];
    run(python, ["-m", "pip", "install", ...quiet, ...packages]);
    writeFileSync(mark, "");
  });
  return { python, versions: versionsOf(python, packages) };
}

/** Files of tests that run side by side make one environment once. */
function inTurn(lock: string, work: () => void): void {
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if ((error as { code?: string }).code !== "EEXIST") throw error;
    }
    const heldMs = ageMs(lock);
    if (heldMs > makingMs && heldMs < Number.POSITIVE_INFINITY) rmdirSync(lock);
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lookMs);
  }
  try {
    work();
  } finally {
    rmdirSync(lock);
  }
}

/** Infinity: there is no such file. */
function ageMs(path: string): number {
  const mtimeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return mtimeMs === undefined ? Number.POSITIVE_INFINITY : Date.now() - mtimeMs;
}

function versionsOf(python: string, packages: readonly string[]): Record<string, string> {
  const program =
    "import json, platform, sys; from importlib.metadata import version; " +
    "print(json.dumps({'python': platform.python_version(), " +
    "**{name: version(name) for name in sys.argv[1:]}}))";
  return JSON.parse(run(python, ["-c", program, ...packages]));
}

function run(file: string, args: readonly string[]): string {
  try {
    return execFileSync(file, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (cause) {
    const { stderr } = cause as { stderr?: string };
    throw new Error(`${file} ${args.join(" ")} failed: ${stderr ?? String(cause)}`, { cause });
  }
}
