// Rules on text: headers, names of files, words that do not belong in the project, and calls that
// only one place may make.

import { type Token, tokenize } from "./tokens.js";

const bannedWords = ["util", "utils", "helper", "helpers", "manager", "common", "misc"];
const kebabCase = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*$/;

/** What is wrong with a file's name, or undefined. */
export function judgeName(path: string): string | undefined {
  const parts = path.split("/");
  const bad = parts.find((part) => !kebabCase.test(part.replace(/^\./, "")));
  if (bad !== undefined) return `"${bad}" is not kebab-case`;
  const words = parts.flatMap((part) => part.split(/[-.]/));
  const banned = words.find((word) => bannedWords.includes(word));
  return banned === undefined ? undefined : `"${banned}" says nothing about what it holds`;
}

/** What is wrong with the comment a file opens with, or undefined. */
export function judgeHeader(text: string, minLines: number): string | undefined {
  const lines = text.replace(/^#!.*\n/, "").split("\n");
  const end = lines.findIndex((line) => !/^\/\/ ?\S/.test(line));
  const count = end < 0 ? lines.length : end;
  if (count >= minLines && count <= 5) return undefined;
  return `opens with ${count} lines of comment instead of ${minLines} to 5`;
}

// Spelled so that this file does not contain what it looks for.
const foreignText: readonly [RegExp, string][] = [
  [
    /\/wor[k]\/(?:main|shared|\.)|\/tm[p]\/(?:brief|bash_jobs)|\.\.\/share[d]\//,
    "a machine's path",
  ],
  [/\/(?:roo[t]|home\/(?!ada\b|\$|<|")[a-z]\w*|User[s]\/[a-z]\w*)\//, "a person's folder"],
  [
    /registry\.(?:npmj[s]|yarnpk[g])|artifactor[y]|verdacci[o]|jfro[g]|\bpypi\.or[g]/i,
    "a registry's host",
  ],
  [/\b(?:issu[e]|ticke[t]) #?\d+\b/i, "the number of an issue"],
  [/\b(?:TOD[O]|FIXM[E]|XX[X])\b/, "a note to do something later"],
];

/** Lines that hold what belongs to one machine or one day. */
export function findForeignText(text: string): { line: number; what: string }[] {
  const found: { line: number; what: string }[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    for (const [pattern, what] of foreignText) {
      if (pattern.test(line)) found.push({ line: index + 1, what });
    }
  }
  return found;
}

const suites = new Set("it test describe suite bench context ctx t".split(" "));
const exits = new Set("skip only todo skipIf runIf fails".split(" "));
const focused = new Set("xit xtest xdescribe fit fdescribe".split(" "));

/** Lines on which a test file leaves tests out. */
export function findSkips(text: string): { line: number; what: string }[] {
  const tokens = tokenize(text);
  return tokens.flatMap((token, at) => {
    if (token.kind !== "word") return [];
    const called = tokens[at + 1]?.text === "(" || tokens[at + 1]?.text === ".";
    if (focused.has(token.text) && called) return [{ line: token.line, what: token.text }];
    const isExit = exits.has(token.text) && called && tokens[at - 1]?.text === ".";
    return isExit && suites.has(rootOf(tokens, at))
      ? [{ line: token.line, what: `.${token.text}` }]
      : [];
  });
}

/** The first name of a chain such as `it.concurrent.skip`. */
function rootOf(tokens: readonly Token[], at: number): string {
  let root = at;
  while (tokens[root - 1]?.text === "." && tokens[root - 2]?.kind === "word") root -= 2;
  return tokens[root]!.text;
}

/** Lines that make a message codec: `new Packr`, `new Unpackr`, `new Encoder`, `new Decoder`. */
export function findCodecs(text: string): number[] {
  const tokens = tokenize(text);
  return tokens
    .filter(
      (token, at) =>
        tokens[at - 1]?.text === "new" &&
        /^(?:Packr|Unpackr|Packr?Stream|UnpackrStream|Encoder|Decoder)$/.test(token.text),
    )
    .map((token) => token.line);
}
