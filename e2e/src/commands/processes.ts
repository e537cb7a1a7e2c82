// The commands as a user starts them, as real processes, and what is left of them afterwards.
// What they must do is for the tests to say. Processes are found in /proc, so on Linux alone.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { RpcPool, type Security } from "@acme/comm";
import { accessByAddress } from "@acme/credentials";
import { execa } from "execa";

const require = createRequire(import.meta.url);

/** Programs start slowly on a busy machine. */
export const startMs = 30_000;

export type Running = ReturnType<typeof command>;

interface CommandSurroundings {
  readonly env?: Readonly<Record<string, string>>;
  readonly buffer?: boolean;
  /** Where relative paths begin. */
  readonly cwd?: string;
}

/** Starts `acme-scheduler`, `acme-worker` or `acme`. */
export function command(
  name: "scheduler" | "worker" | "acme",
  args: readonly string[],
  nodeOptions: readonly string[] = [],
  { env, buffer, cwd }: CommandSurroundings = {},
) {
  const root = dirname(require.resolve(`@acme/${name}/package.json`));
  return execa(join(root, "bin", name === "acme" ? "acme.js" : `acme-${name}.js`), args, {
    node: true,
    nodeOptions,
    reject: false,
    all: true,
    buffer: buffer ?? true,
    env: { NO_COLOR: "1", ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
}

/** A folder for one test. */
export class TestFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "acme-commands-"));

  file(name: string): string {
    return join(this.path, name);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

export interface Contact {
  address: string;
  pid: number;
}

/** The contact file once it is written; undefined before. */
export function contactIn(path: string): Contact | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Contact;
  } catch {
    return undefined;
  }
}

/** Asks a scheduler something without being a client. */
export async function ask<T>(
  address: string,
  request: { op: string },
  security: Security | undefined = accessByAddress(address).security,
): Promise<T> {
  const pool = new RpcPool({ security });
  try {
    return (await pool.call(address, request, { timeoutMs: 10_000 })) as T;
  } finally {
    await pool.close();
  }
}

/** Addresses of the registered workers; none while there is no scheduler. */
export async function workersAt(address: string): Promise<string[]> {
  try {
    return [...(await ask<Map<string, number>>(address, { op: "ncores_running" })).keys()];
  } catch {
    return [];
  }
}

/** Processes whose command line or environment has this text. */
export function processesWith(text: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => isAlive(pid) && (read(pid, "environ") + read(pid, "cmdline")).includes(text))
    .map(Number);
}

function isAlive(pid: string): boolean {
  return !/^State:\s*Z/m.test(read(pid, "status"));
}

function read(pid: string, what: string): string {
  try {
    return readFileSync(`/proc/${pid}/${what}`, "utf8");
  } catch {
    return "";
  }
}
