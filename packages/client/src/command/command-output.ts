// From what a program wrote to the value of its call. Numbers are read as the languages of science
// write them.

/** What a program's standard output is. */
export type CommandOutput = "text" | "lines" | "json" | "numbers" | "none";

/** The value for each kind of output. */
export interface CommandValues {
  /** Without the last line break. */
  text: string;
  lines: string[];
  json: unknown;
  numbers: Float64Array;
  none: undefined;
}

export const commandOutputs: readonly CommandOutput[] = [
  "text",
  "lines",
  "json",
  "numbers",
  "none",
];

/** @throws Error saying what is wrong with it, as the end of a sentence about the program */
export function readOutput(output: CommandOutput, text: string): unknown {
  switch (output) {
    case "text":
      return text.replace(/\r?\n$/, "");
    case "lines":
      return text === "" ? [] : text.replace(/\r?\n$/, "").split(/\r?\n/);
    case "json":
      return JSON.parse(text);
    case "numbers":
      return readNumbers(text);
    case "none":
      return undefined;
    default:
      throw new Error(`output ${String(output satisfies never)} is unknown`);
  }
}

const separators = /[\s,;]+/;
/** `1`, `-.5`, `1e-3`; `1.0D+00` is how FORTRAN writes double precision. */
const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?$/;

function readNumbers(text: string): Float64Array {
  const words = text.split(separators).filter((word) => word !== "");
  return Float64Array.from(words, (word) => {
    if (number.test(word)) return Number(word.replace(/[dD]/, "e"));
    if (/^[+-]?nan$/i.test(word) || word === "NA") return Number.NaN;
    const infinite = /^([+-]?)inf(?:inity)?$/i.exec(word);
    if (infinite !== null) return infinite[1] === "-" ? -Infinity : Infinity;
    const hint = /^\[\d+\]$/.test(word) ? "; in R, write with cat() instead of print()" : "";
    throw new Error(`${JSON.stringify(word)} is no number${hint}`);
  });
}
