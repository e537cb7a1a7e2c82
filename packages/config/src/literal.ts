// Values of environment variables: dask reads them as Python literals and keeps whatever is none
// as a string. Numbers, strings, lists, tuples, sets and dictionaries are read here; the JSON
// spellings of true, false and null are taken too.

const words = new Map<string, boolean | null>([
  ["none", null],
  ["null", null],
  ["true", true],
  ["false", false],
]);

const closers: Readonly<Record<string, string>> = { "[": "]", "(": ")", "{": "}" };
const token = /\s*(?:([[\](){},:])|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|([^\s[\](){},:'"]+))/y;
const number = /^[+-]?(?:\d+(?:_\d+)*\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** Signals "not a literal" inside this file; the whole text is then the value. */
class NotALiteral extends Error {}

/**
 * Reads one value of an environment variable.
 *
 * @param text - the variable's value
 * @returns the Python literal as plain data, or the text itself when it is none
 */
export function interpretLiteral(text: string): unknown {
  const word = words.get(text.trim().toLowerCase());
  if (word !== undefined) return word;
  try {
    const tokens = tokenize(text);
    const value = readValue(tokens);
    if (tokens.position !== tokens.texts.length) return text;
    return value;
  } catch (error) {
    if (error instanceof NotALiteral) return text;
    throw error;
  }
}

interface Tokens {
  readonly texts: readonly string[];
  position: number;
}

function tokenize(text: string): Tokens {
  const texts: string[] = [];
  const end = text.trimEnd().length;
  token.lastIndex = 0;
  while (token.lastIndex < end) {
    const match = token.exec(text);
    if (match === null) throw new NotALiteral();
    texts.push(match[1] ?? match[2] ?? match[3]!);
  }
  return { texts, position: 0 };
}

function readValue(tokens: Tokens): unknown {
  const text = tokens.texts[tokens.position];
  if (text === undefined) throw new NotALiteral();
  tokens.position += 1;
  if (text in closers) return readContainer(tokens, text);
  if (text[0] === '"' || text[0] === "'") return unquote(text);
  const word = words.get(text.toLowerCase());
  if (word !== undefined) return word;
  return readNumber(text);
}

function readNumber(text: string): number {
  if (/^[+-]?0[xob]/i.test(text)) {
    const value = Number(text);
    if (Number.isSafeInteger(value)) return value;
  }
  // Python has no number with a leading zero ("007"), so such texts are names, not numbers.
  if (!number.test(text) || /^[+-]?0\d+$/.test(text)) throw new NotALiteral();
  const value = Number(text.replaceAll("_", ""));
  const isInteger = /^[+-]?[\d_]+$/.test(text);
  if (isInteger && !Number.isSafeInteger(value)) throw new NotALiteral();
  return value;
}

function readContainer(tokens: Tokens, opener: string): unknown {
  const closer = closers[opener]!;
  const items: unknown[] = [];
  const entries: [string, unknown][] = [];
  let trailingComma = false;
  while (tokens.texts[tokens.position] !== closer) {
    if (items.length + entries.length > 0 && !trailingComma) throw new NotALiteral();
    const item = readValue(tokens);
    if (opener === "{" && tokens.texts[tokens.position] === ":") {
      tokens.position += 1;
      entries.push([String(item), readValue(tokens)]);
    } else {
      items.push(item);
    }
    trailingComma = tokens.texts[tokens.position] === ",";
    if (trailingComma) tokens.position += 1;
  }
  tokens.position += 1;
  if (opener === "(" && items.length === 1 && !trailingComma) return items[0];
  if (opener !== "{" || items.length > 0) {
    if (entries.length > 0) throw new NotALiteral();
    return items;
  }
  return Object.fromEntries(entries);
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "0": "\0" };

function unquote(text: string): string {
  const pattern = /\\(x[\da-f]{2}|u[\da-f]{4}|.)/gis;
  return text.slice(1, -1).replaceAll(pattern, (whole, code: string) => {
    if (code.length > 1) return String.fromCodePoint(Number.parseInt(code.slice(1), 16));
    if (code in escapes) return escapes[code]!;
    return "\\\"'".includes(code) ? code : whole;
  });
}
