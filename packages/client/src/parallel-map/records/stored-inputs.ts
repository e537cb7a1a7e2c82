// The arguments of a run as a later session finds them: kept whole unless they are very large, and
// compared by hash, or call by call when the hash differs and somebody must be told what changed.
import { createHash } from "node:crypto";
import { decodeValue, type EncodedValue, encodeValue, encodeValues } from "@acme/serialize";
import type { CallLayout } from "../call-layout.js";
import { CallSource } from "../call-source.js";
import type { Inputs } from "../inputs.js";
import { readFrames, writeFrames } from "./frames-file.js";
import { InputsChangedError, NoRunError } from "./record-errors.js";
import { recordLimits } from "./record-limits.js";
import type { RecordPaths } from "./record-paths.js";
import type { RunFile } from "./run-file.js";

/** Inputs as one value. */
interface InputsDocument {
  readonly count: number;
  readonly layout: CallLayout;
  readonly description: string;
  readonly shared: readonly unknown[];
  /** One list per argument that is spread. */
  readonly columns: readonly (readonly unknown[])[];
}

/** Inputs encoded, so that they can be told from others. */
export interface EncodedInputs extends Pick<EncodedValue, "frames"> {
  readonly facts: RunFile["inputs"];
}

/** @throws FunctionShipError for arguments that cannot leave the process */
export async function encodeInputs(inputs: Inputs): Promise<EncodedInputs> {
  const columns = columnsOf(inputs);
  const { count, layout, description, shared } = inputs;
  const document = { count, layout, description, shared, columns: columns ?? [] };
  const { frames } = await encodeValue(document, { refOf });
  const bytes = frames.reduce((sum, frame) => sum + frame.byteLength, 0);
  const stored = columns !== undefined && bytes <= recordLimits.inputsKeptBytes;
  return { frames, facts: { sha256: sha256(frames), bytes, stored } };
}

/** @returns undefined for inputs that come only when they are read, once */
function columnsOf(inputs: Inputs): unknown[][] | undefined {
  if (inputs.isLazy) return undefined;
  const { count, layout } = inputs;
  const columns = Array.from({ length: layout.ownCount }, () => new Array<unknown>(count));
  for (let i = 0; i < count; i++) {
    inputs.row(i).forEach((value, at) => {
      columns[at]![i] = value;
    });
  }
  return columns;
}

/** A future stands for a value that goes with its cluster: its key is what can be compared. */
function refOf(value: object): string | undefined {
  return "key" in value && "release" in value && typeof value.key === "string"
    ? value.key
    : undefined;
}

function sha256(frames: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const frame of frames) hash.update(`${frame.byteLength}:`).update(frame);
  return hash.digest("hex");
}

export async function storeInputs(paths: RecordPaths, encoded: EncodedInputs): Promise<void> {
  if (!encoded.facts.stored) return;
  await writeFrames(paths.inputs, encoded.frames, { replace: true });
}

/** @throws NoRunError if they were too large to be kept, or are damaged */
export async function restoreInputs(paths: RecordPaths, run: RunFile): Promise<Inputs> {
  const why = "its inputs were too large to be kept: make the map again, with the same outputDir";
  if (!run.inputs.stored) throw new NoRunError(paths.run, why);
  let document: InputsDocument;
  try {
    const frames = await readFrames(paths.inputs);
    if (sha256(frames) !== run.inputs.sha256) throw new Error("the checksum is wrong");
    document = (await decodeValue(frames)) as InputsDocument;
  } catch (error) {
    throw new NoRunError(paths.inputs, `cannot be read: ${(error as Error).message}`, error);
  }
  const { columns, ...rest } = document;
  const named = columns.map((values, at) => ({ name: `argument ${at + 1}`, values }));
  return {
    ...rest,
    isLazy: false,
    open: () => new CallSource(named, document.count),
    row: (i) => columns.map((column) => column[i]),
  };
}

/**
 * Makes sure that a map has the inputs of the run that it goes on with.
 *
 * @throws InputsChangedError naming the first call that differs
 */
export async function compareInputs(
  inputs: Inputs,
  encoded: EncodedInputs,
  { paths, run }: { readonly paths: RecordPaths; readonly run: RunFile },
): Promise<void> {
  if (encoded.facts.sha256 === run.inputs.sha256) return;
  const { folder } = paths;
  if (inputs.count !== (run.count ?? Number.POSITIVE_INFINITY)) {
    throw new InputsChangedError(
      folder,
      `${run.count ?? "any number of"} calls then, ${inputs.count} now`,
    );
  }
  if (!run.inputs.stored) throw new InputsChangedError(folder, "their checksum differs");
  const before = await restoreInputs(paths, run);
  if (before.layout.ownCount !== inputs.layout.ownCount) {
    const what = `then ${before.description}, now ${inputs.description}`;
    throw new InputsChangedError(folder, what);
  }
  if (!(await areSame([before.shared, before.layout], [inputs.shared, inputs.layout]))) {
    throw new InputsChangedError(folder, "what all calls get has changed");
  }
  for (let from = 0; from < inputs.count; from += recordLimits.rowsCompared) {
    const to = Math.min(from + recordLimits.rowsCompared, inputs.count);
    await compareRows(folder, [before, inputs], { from, to });
  }
}

async function compareRows(
  folder: string,
  [before, now]: readonly [Inputs, Inputs],
  { from, to }: { readonly from: number; readonly to: number },
): Promise<void> {
  const indexes = Array.from({ length: to - from }, (_, k) => from + k);
  const old = await encodeValues(indexes.map((i) => before.row(i)));
  const given = await encodeValues(
    indexes.map((i) => now.row(i)),
    { refOf },
  );
  const first = indexes.find((_, k) => sha256(old[k]!.frames) !== sha256(given[k]!.frames));
  if (first === undefined) return;
  throw new InputsChangedError(folder, `call ${first} has other arguments`, first);
}

async function areSame(a: unknown, b: unknown): Promise<boolean> {
  const [x, y] = [await encodeValue(a), await encodeValue(b, { refOf })];
  return sha256(x.frames) === sha256(y.frames);
}
