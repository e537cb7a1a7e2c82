// What describe.py says of the files of a run, and what two runs may differ in on purpose.
// Knows neither what was computed nor by whom.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** What real ACME left, as the program record.ts writes it. */
export interface Golden {
  readonly versions: Readonly<Record<string, string>>;
  readonly outcomes: Readonly<Record<string, Outcome>>;
  readonly files: Readonly<Record<string, Files>>;
}

/** What a map resolved with, relative to its folder; or how it ended. */
export interface Outcome {
  readonly paths?: readonly string[];
  readonly container?: string | null;
  readonly error?: string;
}

/** One object of an HDF5 file. */
export interface Described {
  readonly kind: string;
  readonly type?: string;
  readonly values?: readonly unknown[];
  readonly sources?: readonly string[];
  readonly [more: string]: unknown;
}

/** The objects of each file, by their paths. */
export type Files = Readonly<Record<string, Readonly<Record<string, Described>>>>;

const script = fileURLToPath(new URL("../../../src/map/golden/describe.py", import.meta.url));

/** @param folder - holds one folder per run */
export function describe(python: string, folder: string): Record<string, Files> {
  const maxBuffer = 1 << 26;
  return JSON.parse(execFileSync(python, [script, folder], { encoding: "utf8", maxBuffer }));
}

/** Without the mask and what tells of the run itself, which ACME does not have. */
export function withoutOurs(files: Files): Files {
  const kept = Object.entries(files).filter(([name]) => !name.endsWith(".json"));
  return Object.fromEntries(
    kept.map(([name, { "/completed": _mask, "/result_0_lengths": _lengths, ...rest }]) => {
      return [name, rest];
    }),
  );
}
