// Reads the names and defaults of a function's parameters from its text, for messages and for one
// check. It only has to find where the list ends; a function it cannot read gets numbered names.

/** One parameter of a function as it was written. */
export interface Parameter {
  /** `"x"`; the whole pattern for a destructured one. */
  readonly name: string;
  readonly isRest: boolean;
  /** Has a number, a text or a boolean as its default. */
  readonly hasPrimitiveDefault: boolean;
}

/** The parameters of a function, undefined when its text does not tell. */
export function parametersOf(fn: (...args: never[]) => unknown): readonly Parameter[] | undefined {
  const text = Function.prototype.toString.call(fn);
  if (/\{\s*\[native code\]\s*\}\s*$/.test(text)) return undefined;
  const arrow = /^(?:async\s+)?([\w$\u0080-\uffff]+)\s*=>/.exec(text);
  if (arrow !== null) return [parameter(arrow[1] as string)];
  const scan = new Scan(text);
  if (!scan.skipTo("(")) return undefined;
  const parts: string[] = [];
  for (;;) {
    const from = scan.at;
    if (!scan.skipTo(",)")) return undefined;
    const part = text
      .slice(from, scan.at - 1)
      .replace(leadingComments, "")
      .trim();
    if (part !== "") parts.push(part);
    if (text[scan.at - 1] === ")") return parts.map(parameter);
  }
}

/** Whether the text of a function speaks of `arguments`, so that it may take more than it names. */
export function usesArguments(fn: (...args: never[]) => unknown): boolean {
  return /\barguments\b/.test(Function.prototype.toString.call(fn));
}

const leadingComments = /^(?:\s|\/\*[\s\S]*?\*\/|\/\/[^\n]*)+/;
const trailingComments = /\s*(?:\/\*[\s\S]*?\*\/|\/\/[^\n'"`]*)\s*$/;

const primitiveLiteral =
  /^(?:[-+]?[\d.][\w.+\-*/ ]*|true|false|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)$/s;

function parameter(text: string): Parameter {
  const isRest = text.startsWith("...");
  const bare = isRest ? text.slice(3).trim() : text;
  const pattern = /^[[{]/.test(bare);
  const scan = new Scan(bare);
  const hasDefault = scan.skipTo("=");
  const name = (hasDefault ? bare.slice(0, scan.at - 1) : bare)
    .replace(trailingComments, "")
    .trim();
  const value = hasDefault ? bare.slice(scan.at).trim() : "";
  // A text such as "http://x" only looks as if a comment ended it.
  const isPlain = [value, value.replace(trailingComments, "")].some((it) =>
    primitiveLiteral.test(it),
  );
  return { name, isRest, hasPrimitiveDefault: !pattern && isPlain };
}

const opening = new Set(["(", "[", "{"]);
const closing = new Set([")", "]", "}"]);

/** Walks over source text, over strings, comments, patterns and brackets as a whole. */
class Scan {
  at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** Moves behind the next of `ends` outside of all brackets; false at the end of the text. */
  skipTo(ends: string): boolean {
    let before = "";
    while (this.at < this.#text.length) {
      const char = this.#text[this.at] as string;
      if (ends.includes(char)) {
        this.at += 1;
        return true;
      }
      if (closing.has(char)) return false;
      this.#skipOne(char, before);
      if (!/\s/.test(char)) before = char;
    }
    return false;
  }

  #skipOne(char: string, before: string): void {
    this.at += 1;
    if (opening.has(char)) this.#skipBracket(char);
    else if (char === '"' || char === "'") this.#skipString(char);
    else if (char === "`") this.#skipTemplate();
    else if (char === "/") this.#skipSlash(before);
  }

  #skipBracket(open: string): void {
    this.skipTo(open === "(" ? ")" : open === "[" ? "]" : "}");
  }

  #skipString(quote: string): void {
    while (this.at < this.#text.length && this.#text[this.at] !== quote) {
      this.at += this.#text[this.at] === "\\" ? 2 : 1;
    }
    this.at += 1;
  }

  #skipTemplate(): void {
    while (this.at < this.#text.length && this.#text[this.at] !== "`") {
      if (this.#text.startsWith("${", this.at)) {
        this.at += 2;
        this.skipTo("}");
      } else {
        this.at += this.#text[this.at] === "\\" ? 2 : 1;
      }
    }
    this.at += 1;
  }

  /** A comment, a regular expression, or a division. */
  #skipSlash(before: string): void {
    const rest = this.#text[this.at];
    const end = rest === "/" ? "\n" : rest === "*" ? "*/" : undefined;
    if (end !== undefined) {
      const found = this.#text.indexOf(end, this.at + 1);
      this.at = found < 0 ? this.#text.length : found + end.length;
    } else if (before === "" || "=(,[{:!&|?;+-*%<>~^".includes(before)) {
      const literal = /(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\[])*\//sy;
      literal.lastIndex = this.at;
      if (literal.test(this.#text)) this.at = literal.lastIndex;
    }
  }
}
