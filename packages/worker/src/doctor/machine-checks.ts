// What a worker needs of its machine: a node that is new enough, a C library, files, memory, space.
// Looks at this machine alone.
import { accessSync, constants, readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { machineMemoryBytes } from "../shell/machine.js";
import { packageVersion } from "../shell/versions.js";
import { claimWorkFolder, WorkFolderError } from "../shell/work-folder.js";
import { doctorLimits } from "./doctor-limits.js";
import { type Finding, fail, ok, warn } from "./finding.js";

/** What node's own report says, as far as it is of use here. */
interface Report {
  readonly header?: { readonly glibcVersionRuntime?: string };
  readonly userLimits?: { readonly open_files?: { readonly soft?: number | string } };
}

export async function checkMachine(localDirectory: string): Promise<Finding[]> {
  const report = (process.report?.getReport() ?? {}) as Report;
  return [
    nodeFinding(process.versions.node, process.execPath),
    entryFinding(),
    libraryFinding(report.header?.glibcVersionRuntime),
    openFilesFinding(report.userLimits?.open_files?.soft),
    machineFinding(),
    await spaceFinding(localDirectory),
  ];
}

export function nodeFinding(version: string, path: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const text = `${version} at ${path}`;
  const [leastMajor, leastMinor] = doctorLimits.node;
  if (major < leastMajor || (major === leastMajor && minor < leastMinor)) {
    return fail("node", text, `use node ${leastMajor}.${leastMinor} or newer on this machine`);
  }
  if (major >= doctorLimits.nodeWished) return ok("node", text);
  return warn("node", text, `it works; node ${doctorLimits.nodeWished} or newer is faster`);
}

/** A job starts these by their paths: on a node they must be where they were at submission. */
function entryFinding(): Finding {
  const require = createRequire(import.meta.url);
  try {
    const paths = ["@acme/worker/cli", "@acme/worker/worker-process"].map((name) =>
      require.resolve(name),
    );
    for (const path of paths) accessSync(path, constants.R_OK);
    return ok("acme", `${packageVersion} at ${paths[0]}`);
  } catch (error) {
    const why = (error as Error).message;
    return fail("acme", why, "install it again, in a folder that this machine can read");
  }
}

/** @param version - undefined with another C library than glibc */
export function libraryFinding(version: string | undefined): Finding {
  if (version === undefined) {
    const text = process.platform === "linux" ? "no glibc" : `none on ${process.platform}`;
    return warn("glibc", text, "node's own builds need glibc; others are not tested");
  }
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > 2 || minor >= doctorLimits.glibcMinor) return ok("glibc", version);
  const advice = `node's own builds need 2.${doctorLimits.glibcMinor}: take an unofficial build`;
  return fail("glibc", version, advice);
}

/** Node has raised the limit to the hard one by now, and so will workers. */
export function openFilesFinding(limit: number | string | undefined): Finding {
  const about = "open files";
  if (limit === undefined) return warn(about, "unknown", "see `ulimit -n`: 4096 is plenty");
  const count = Number(limit);
  if (Number.isNaN(count) || count >= doctorLimits.openFiles) return ok(about, `up to ${limit}`);
  const advice = "raise the hard limit (`ulimit -Hn`, or LimitNOFILE of the batch system's daemon)";
  const verdict = count < doctorLimits.openFilesLeast ? fail : warn;
  return verdict(about, `at most ${count}: each other worker and each client takes one`, advice);
}

function machineFinding(): Finding {
  const memory = (machineMemoryBytes() / 2 ** 30).toFixed(1);
  return ok("machine", `${availableParallelism()} cores, ${memory} GiB of memory for this process`);
}

async function spaceFinding(folder: string): Promise<Finding> {
  const about = "temporary";
  const advice = "name another folder with --local-directory";
  try {
    claimWorkFolder(folder, "worker");
    accessSync(folder, constants.W_OK);
    const { bavail, bsize, type } = await statfs(folder);
    const gib = (bavail * bsize) / 2 ** 30;
    const text = `${gib.toFixed(1)} GiB free in ${folder} (${kindOf(type)})`;
    if (gib < doctorLimits.spaceGib) return warn(about, text, `${advice}, or make room`);
    if (shared.has(type)) return warn(about, text, `${advice}: workers are slow on a shared one`);
    if (type === tmpfs) return warn(about, text, `${advice}: this one is memory itself`);
    return ok(about, text);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined && !(error instanceof WorkFolderError)) throw error;
    return fail(about, message, advice);
  }
}

const tmpfs = 0x01021994;
/** Kinds of file systems that several machines see, by the number in their superblock. */
const shared = new Map([
  [0x6969, "NFS"],
  [0x0bd00bd0, "Lustre"],
  [0x47504653, "GPFS"],
  [0x19830326, "BeeGFS"],
  [0xff534d42, "CIFS"],
  [0x00c36400, "Ceph"],
  [0x65735546, "FUSE"],
]);
const local = new Map([
  [0xef53, "ext4"],
  [0x58465342, "XFS"],
  [0x9123683e, "btrfs"],
  [0x794c7630, "overlay"],
  [0x2fc12fc1, "ZFS"],
  [tmpfs, "tmpfs"],
]);

export const kindOf = (type: number): string =>
  shared.get(type) ?? local.get(type) ?? `file system 0x${type.toString(16)}`;

export const isShared = (type: number): boolean => shared.has(type);

/** Which batch job this is, if it is one. */
export function batchFinding(env: Readonly<Record<string, string | undefined>>): Finding | null {
  const job = env.SLURM_JOB_ID ?? env.PBS_JOBID ?? env.JOB_ID;
  if (job === undefined) return null;
  const node = env.SLURMD_NODENAME ?? readName();
  return ok("batch job", `${job} on ${node}`);
}

function readName(): string {
  try {
    return readFileSync("/etc/hostname", "utf8").trim();
  } catch {
    return "this machine";
  }
}
