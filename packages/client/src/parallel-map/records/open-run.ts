// Begins a run in its folder or goes on with the one that is there: finds its records, becomes its
// owner, refuses what does not belong to it, and looks at what is done already.
import { createHash, randomInt, randomUUID } from "node:crypto";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { isTemporaryName } from "@acme/hdf5";
import { codeHash, packFunction } from "@acme/serialize";
import { pythonFacts } from "../../python/python-function.js";
import type { StorageRules } from "../compute-options.js";
import type { Inputs } from "../inputs.js";
import { OutputExistsError } from "../map-errors.js";
import { mapLimits } from "../map-limits.js";
import { fileNameOf, type RunFolder, codeOf as systemCodeOf } from "../run-folder.js";
import { resultsInside } from "../single-file.js";
import { readFrames, writeFrames } from "./frames-file.js";
import { type ManifestEntry, readManifest } from "./manifest.js";
import { OwnerToken } from "./owner-token.js";
import { CodeChangedError, InputsChangedError } from "./record-errors.js";
import { codePath, type RecordPaths, recordPaths } from "./record-paths.js";
import { type RunFile, readRunFile, storedRules, writeRunFile } from "./run-file.js";
import { doneEntries, indexOf, type ScanResult, scanResults } from "./scan-results.js";
import { compareInputs, encodeInputs, storeInputs } from "./stored-inputs.js";

/** What may be told about going on with a run. */
export interface ResumeOptions {
  /**
   * Keep the results of an earlier version of the function, and compute the rest with this one.
   * Default: a run with another version is refused.
   */
  readonly acceptNewCode?: boolean | undefined;
}

export interface OpenRunOptions {
  readonly fn: (...args: never[]) => unknown;
  readonly inputs: Inputs;
  readonly folder: RunFolder;
  readonly rules: StorageRules;
  readonly resume?: ResumeOptions | undefined;
  /** Default: that of the run, which is true for a new one. */
  readonly fsync?: boolean | undefined;
  /** Default: that of the run, which is drawn for a new one. */
  readonly seed?: number | undefined;
}

/** A run that this process owns. */
export interface OpenRun extends ScanResult {
  readonly run: RunFile;
  readonly paths: RecordPaths;
  readonly owner: OwnerToken;
  readonly session: number;
  readonly isNew: boolean;
  /** One file holds all results, and those of the calls may be gone. */
  readonly isMerged?: boolean;
}

/**
 * @throws OutputExistsError if there are results without records; RunInUseError,
 *   InputsChangedError, CodeChangedError, FunctionShipError
 */
export async function openRun(options: OpenRunOptions): Promise<OpenRun> {
  const packed = await codeOf(options.fn);
  const encoded = await encodeInputs(options.inputs);
  const paths = await placeOfRecords(options);
  const owner = await OwnerToken.claim(paths.folder);
  try {
    await removeTemporaries(paths.folder);
    const { folder, container } = options.folder;
    await removeTemporaries(folder, [container, paths.provenance]);
    const found = await readRunFile(paths.run);
    if (found === undefined) {
      const run = await beginRun(options, { packed, encoded, paths });
      return { run, paths, owner, session: 1, isNew: true, done: new Map(), adopted: [] };
    }
    await compareInputs(options.inputs, encoded, { paths, run: found });
    compareRules(options.rules, paths, found);
    compareSeeds(options.seed, paths, found);
    return { ...(await goOn(options, { packed, paths, run: found })), paths, owner, isNew: false };
  } catch (error) {
    await owner.release();
    throw error;
  }
}

/** A function as a run knows it. */
interface Code {
  /** Of what it does: its place may change. */
  readonly hash: string;
  readonly frames: readonly Uint8Array[];
}

const restored = new WeakMap<object, Code>();

/** Has a function that came out of a run's records be known by what it was stored as. */
export function rememberCode(fn: object, code: Code): void {
  restored.set(fn, code);
}

async function codeOf(fn: (...args: never[]) => unknown): Promise<Code> {
  const known = restored.get(fn);
  if (known !== undefined) return known;
  const python = pythonFacts(fn);
  if (python !== undefined) {
    const text = Buffer.from(JSON.stringify(python));
    return { hash: createHash("sha256").update(text).digest("hex"), frames: [text] };
  }
  const { frames } = await packFunction(fn);
  return { hash: codeHash(frames), frames };
}

/** The folder of records of this function: the main one unless another function has that. */
async function placeOfRecords({ fn, folder, rules }: OpenRunOptions): Promise<RecordPaths> {
  const main = recordPaths(folder.folder);
  const first = await readRunFile(main.run);
  const name = fileNameOf(fn);
  const paths =
    first === undefined || first.name === name ? main : recordPaths(folder.folder, name);
  if ((await readRunFile(paths.run)) === undefined) {
    const own = [folder.payload, folder.container];
    const places = rules.kind === "serialized" ? await serializedIn(folder.folder, name) : own;
    for (const path of places) if (await isThere(path)) throw new OutputExistsError(path);
  }
  await mkdir(paths.folder, { recursive: true });
  return paths;
}

/** Files that a run without a folder of its own would write over. */
async function serializedIn(folder: string, name: string): Promise<string[]> {
  const names = await readdir(folder);
  return names
    .filter((file) => indexOf(file, name) !== undefined)
    .map((file) => join(folder, file));
}

interface NewRun {
  readonly packed: Code;
  readonly encoded: Awaited<ReturnType<typeof encodeInputs>>;
  readonly paths: RecordPaths;
}

/** Code and inputs first: a run whose `run.json` is there can be restored. */
async function beginRun(
  { fn, inputs, folder, rules, fsync = true, seed }: OpenRunOptions,
  { packed, encoded, paths }: NewRun,
): Promise<RunFile> {
  const created = new Date().toISOString();
  const run: RunFile = {
    schema: 1,
    runId: randomUUID(),
    function: fn.name || "anonymous",
    name: fileNameOf(fn),
    count: Number.isFinite(inputs.count) ? inputs.count : null,
    created,
    ...storedRules(rules),
    fsync,
    seed: seed ?? randomInt(mapLimits.seeds),
    code: [{ sha256: packed.hash, since: created }],
    inputs: encoded.facts,
  };
  await storeCode(paths, packed);
  await storeInputs(paths, encoded);
  if (!(await writeRunFile(paths.run, run, false))) throw new OutputExistsError(paths.run);
  await mkdir(folder.payload, { recursive: true });
  return run;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return false;
    throw error;
  }
}

async function storeCode(paths: RecordPaths, { hash, frames }: Code): Promise<void> {
  const path = codePath(paths, hash);
  if (!(await isThere(path))) await writeFrames(path, frames);
}

/** The function that a run was last computed with. */
export async function readCode(paths: RecordPaths, run: RunFile): Promise<Code> {
  const hash = run.code.at(-1)?.sha256 ?? "";
  return { hash, frames: await readFrames(codePath(paths, hash)) };
}

function compareRules(rules: StorageRules, paths: RecordPaths, run: RunFile): void {
  const { resultShape, resultDtype, output = "files" } = run;
  const now = JSON.stringify(storedRules(rules));
  if (now === JSON.stringify({ resultShape, resultDtype, output })) return;
  const why = "output, resultShape or resultDtype is not what it was";
  throw new InputsChangedError(paths.folder, why);
}

/** Results of two seeds do not belong together. */
function compareSeeds(seed: number | undefined, paths: RecordPaths, run: RunFile): void {
  if (seed === undefined || seed === (run.seed ?? 0)) return;
  throw new InputsChangedError(paths.folder, `the seed was ${run.seed ?? 0}, not ${seed}`);
}

interface OldRun {
  readonly packed: Code;
  readonly paths: RecordPaths;
  readonly run: RunFile;
}

async function goOn(options: OpenRunOptions, { packed, paths, run }: OldRun) {
  const entries = await readManifest(paths.manifest);
  const isNewCode = run.code.at(-1)?.sha256 !== packed.hash;
  const known = doneEntries(entries).size;
  if (isNewCode && known > 0 && options.resume?.acceptNewCode !== true) {
    throw new CodeChangedError(paths.folder, run.name, known);
  }
  const { payload } = options.folder;
  await mkdir(payload, { recursive: true });
  const merged =
    run.output === "single" && (await resultsInside(options.folder, run, doneEntries(entries)));
  if (merged) {
    const next = await accepted(options, { packed, paths, run });
    const session = 1 + sessionsIn(entries);
    return { done: withCode(merged, run), adopted: [], run: next, session, isMerged: true };
  }
  const { name } = run;
  const count = run.count ?? Number.POSITIVE_INFINITY;
  const scan = await scanResults({ payload, name, count, entries, distrust: !run.fsync });
  const session = 1 + sessionsIn(entries);
  const next = await accepted(options, { packed, paths, run });
  return { ...scan, done: withCode(scan.done, run), run: next, session };
}

/** A file that does not say which code made it is of the session before, whose code that was. */
function withCode(done: ScanResult["done"], run: RunFile): ScanResult["done"] {
  const codeHash = run.code.at(-1)?.sha256 ?? "";
  return new Map([...done].map(([i, result]) => [i, { codeHash, ...result }]));
}

/** Writes down the new code, if it is new, and a weaker promise of durability, if it is weaker. */
async function accepted(options: OpenRunOptions, { packed, paths, run }: OldRun): Promise<RunFile> {
  const isNewCode = run.code.at(-1)?.sha256 !== packed.hash;
  const fsync = run.fsync && (options.fsync ?? true);
  if (!isNewCode && fsync === run.fsync) return run;
  const since = new Date().toISOString();
  const code = isNewCode ? [...run.code, { sha256: packed.hash, since }] : run.code;
  await storeCode(paths, packed);
  const next = { ...run, code, fsync };
  await writeRunFile(paths.run, next, true);
  return next;
}

function sessionsIn(entries: readonly ManifestEntry[]): number {
  return entries.reduce((most, entry) => {
    return entry.state === "began" ? Math.max(most, entry.session) : most;
  }, 0);
}

/**
 * What a crash left in a folder where nobody else writes now.
 *
 * @param of - only what would have become one of these files: others may use the folder too
 */
async function removeTemporaries(folder: string, of?: readonly string[]): Promise<void> {
  const ours = of?.map((path) => `.${basename(path)}.`);
  for (const name of await readdir(folder)) {
    if (!isTemporaryName(name)) continue;
    if (ours === undefined || ours.some((start) => name.startsWith(start))) {
      await rm(join(folder, name), { force: true });
    }
  }
}
