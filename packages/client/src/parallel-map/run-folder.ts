// Where the files of one run are, and the making of that place. Names are ACME's; what may be in
// the folder already is known to the records of the run.
import { access, constants, mkdir, rm, rmdir } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join, resolve } from "node:path";
import type { FileOutputKind } from "./compute-options.js";
import { OutputFolderError } from "./map-errors.js";
import { mapLimits } from "./map-limits.js";

/** Paths of one run; all absolute. */
export interface RunFolder {
  readonly folder: string;
  readonly container: string;
  readonly payload: string;
  /** Name of the payload folder, as seen from the container. */
  readonly payloadName: string;
}

/** A function's name as it may stand in file names; `anonymous` for one without. */
export function fileNameOf(fn: { readonly name: string }): string {
  const name = fn.name.replaceAll(/[^A-Za-z0-9_.-]/g, "_").slice(0, mapLimits.nameChars);
  // A leading dot would hide the files, a leading dash looks like an option.
  return name.replace(/^[.-]/, "_") || "anonymous";
}

/** `f_3.h5`; the name of call 3's file. */
export const payloadFile = (name: string, index: number, extension = "h5"): string =>
  `${name}_${index}.${extension}`;

/**
 * Makes the folder of a run, unless it is there; that of its results is made with its records.
 *
 * @param outputDir - relative to the working folder of this process; undefined: `./ACME_<stamp>`
 * @throws OutputFolderError if it cannot be made, or written to
 */
export async function makeRunFolder(
  name: string,
  outputDir: string | undefined,
  kind: FileOutputKind = "files",
): Promise<RunFolder> {
  const folder = outputDir === undefined ? await makeStamped() : await makeGiven(outputDir);
  return runFolderAt(name, folder, kind);
}

/** The paths of a run whose folder is known. */
export function runFolderAt(
  name: string,
  folder: string,
  kind: FileOutputKind = "files",
): RunFolder {
  const container = join(folder, `${name}.h5`);
  if (kind === "serialized") return { folder, container, payload: folder, payloadName: "." };
  const payloadName = `${name}_payload`;
  return { folder, container, payload: join(folder, payloadName), payloadName };
}

/** Removes an empty payload folder, and a run folder that was made for it. */
export async function discardRunFolder(
  { folder, payload, container }: RunFolder,
  { withContainer }: { readonly withContainer: boolean },
): Promise<void> {
  if (withContainer) await rm(container, { force: true });
  // Others may have put files there meanwhile; then it stays.
  if (payload !== folder) await rmdir(payload).catch(unlessFilled);
  await removeIfEmpty({ folder });
}

/** Removes a run folder that was made for a run and holds nothing. */
export async function removeIfEmpty({ folder }: Pick<RunFolder, "folder">): Promise<void> {
  if (isRunFolderName(basename(folder))) await rmdir(folder).catch(unlessFilled);
}

/** Whether we made up this name: what others call `ACME_…` is theirs. */
export const isRunFolderName = (name: string): boolean => /^ACME_\d{8}-\d{6}-\d{6}$/.test(name);

function unlessFilled(error: unknown): void {
  if (codeOf(error) !== "ENOTEMPTY" && codeOf(error) !== "ENOENT") throw error;
}

/** Absolute; `~` is the home folder, as shells have it. */
export const givenFolder = (path: string): string => resolve(path.replace(/^~(?=\/|$)/, homedir()));

async function makeGiven(outputDir: string): Promise<string> {
  const folder = givenFolder(outputDir);
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    return folder;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new OutputFolderError(folder, why, error);
  }
}

async function makeStamped(): Promise<string> {
  for (let tries = 1; ; tries++) {
    const path = resolve(`ACME_${stamp(new Date(), Math.floor(performance.now() * 1000) % 1000)}`);
    try {
      await mkdir(path);
      return path;
    } catch (error) {
      if (codeOf(error) !== "EEXIST" || tries === mapLimits.namesTried) throw error;
    }
  }
}

/** `20260131-142501-123456`: local time down to the microsecond. */
function stamp(now: Date, micros: number): string {
  const pad = (value: number, digits: number) => String(value).padStart(digits, "0");
  const day = `${pad(now.getFullYear(), 4)}${pad(now.getMonth() + 1, 2)}${pad(now.getDate(), 2)}`;
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map((part) => pad(part, 2));
  return `${day}-${time.join("")}-${pad(now.getMilliseconds(), 3)}${pad(micros, 3)}`;
}

export function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}
