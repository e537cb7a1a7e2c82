// TypeScript source as a flat list of tokens: enough to find imports, exports and calls without a
// parser, and never fooled by comments, strings or regular expressions. It knows no grammar.

export interface Token {
  kind: "word" | "string" | "template" | "regex" | "number" | "sign";
  /** As written; for strings the content without its quotes. */
  text: string;
  /** Line from 1. */
  line: number;
}

const blank = /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
const word = /[\p{ID_Start}$_#@][\p{ID_Continue}$\u200c\u200d]*/uy;
const string = /"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'/y;
const number = /(?:\d|\.\d)[\w.]*/y;
const regex = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
const sign = /=>|\.\.\.|\?\.|\?\?=?|&&=?|\|\|=?|[!=]==?|[+\-*/%&|^]=|\+\+|--|[\s\S]/y;

const patterns = [
  ["word", word],
  ["string", string],
  ["number", number],
  ["regex", regex],
  ["sign", sign],
] as const;

/** Words after which a slash begins a regular expression. */
const operators = new Set(
  "return typeof case in of delete void throw new await yield else do instanceof".split(" "),
);

/** Splits a source into tokens. Throws when a template does not end. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  /** Per open brace: whether it is the `${` of a template. */
  const braces: boolean[] = [];
  let position = 0;
  let line = 1;
  while (position < text.length) {
    const gap = matchAt(blank, text, position);
    const token = gap === undefined ? readToken(text, position, { tokens, braces }) : undefined;
    const raw = gap ?? token!.raw;
    if (token !== undefined) tokens.push({ kind: token.kind, text: contentOf(token), line });
    position += raw.length;
    line += countLines(raw);
  }
  return tokens;
}

interface Raw {
  kind: Token["kind"];
  raw: string;
}

interface Context {
  tokens: readonly Token[];
  braces: boolean[];
}

function readToken(text: string, position: number, { tokens, braces }: Context): Raw {
  const start = text[position]!;
  if (start === "`" || (start === "}" && braces.at(-1) === true)) {
    if (start === "}") braces.pop();
    const raw = text.slice(position, endOfTemplatePart(text, position + 1));
    if (raw.endsWith("${")) braces.push(true);
    return { kind: "template", raw };
  }
  for (const [kind, pattern] of patterns) {
    if (kind === "regex" && !(start === "/" && startsRegex(tokens))) continue;
    const raw = matchAt(pattern, text, position);
    if (raw === undefined) continue;
    if (kind === "sign" && raw === "{") braces.push(false);
    if (kind === "sign" && raw === "}") braces.pop();
    return { kind, raw };
  }
  throw new Error(`no token begins with ${JSON.stringify(start)}`);
}

function contentOf({ kind, raw }: Raw): string {
  return kind === "string" ? raw.slice(1, -1) : raw;
}

function matchAt(pattern: RegExp, text: string, position: number): string | undefined {
  pattern.lastIndex = position;
  return pattern.exec(text)?.[0];
}

function endOfTemplatePart(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === "`") return at + 1;
    else if (text[at] === "$" && text[at + 1] === "{") return at + 2;
  }
  throw new Error(`a template literal does not end: ${text.slice(from, from + 40)}`);
}

function startsRegex(tokens: readonly Token[]): boolean {
  const last = tokens.at(-1);
  if (last === undefined) return true;
  if (last.kind === "word") return operators.has(last.text);
  if (last.kind !== "sign") return false;
  // `x! / 2` divides, `!/x/.test(y)` matches.
  if (last.text === "!") return tokens.length < 2 || !endsValue(tokens.at(-2)!);
  return !/^(?:[)\]}]|\+\+|--)$/.test(last.text);
}

function endsValue({ kind, text }: Token): boolean {
  if (kind === "word") return !operators.has(text);
  return kind !== "sign" || /^[)\]]$/.test(text);
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}
