// Words with places for inputs: `-s {subject}`, `{0}`, `{2.path}`, `{files...}`. Read once, where
// the command is made; filled where it runs. Values become texts here, and nothing is interpreted.
import { ArgumentError } from "../errors.js";
import { CommandInputError } from "./command-errors.js";

/** A place for an input. */
export interface Place {
  /** As it was written. */
  readonly text: string;
  /** Position of the input; null: whichever input has a field of that name. */
  readonly at: number | null;
  /** Fields on the way from there. */
  readonly fields: readonly string[];
  /** A list gives one word per entry. */
  readonly isSpread: boolean;
}

/** One word: texts and places in turn. Plain data, as it travels. */
export type Template = readonly (string | Place)[];

const placePattern = /^(?:(\d+)|([A-Za-z_$][\w$]*))((?:\.[\w$]+)*)(\.\.\.)?$/;

/**
 * Reads one word.
 *
 * @throws ArgumentError for a brace that belongs to no place and is not doubled
 */
export function readTemplate(word: string): Template {
  if (word.includes("\0")) throw new ArgumentError(`no word of a command may hold a zero: ${word}`);
  const parts: (string | Place)[] = [];
  let text = "";
  for (let at = 0; at < word.length; at++) {
    const char = word[at] as string;
    if (char !== "{" && char !== "}") text += char;
    else if (word[at + 1] === char) {
      text += char;
      at += 1;
    } else {
      const end = char === "{" ? word.indexOf("}", at) : -1;
      const place = end < 0 ? undefined : readPlace(word.slice(at + 1, end));
      if (place === undefined) throw badBrace(word);
      if (text !== "") parts.push(text);
      text = "";
      parts.push(place);
      at = end;
    }
  }
  if (text !== "") parts.push(text);
  if (parts.length > 1 && parts.some((part) => typeof part !== "string" && part.isSpread)) {
    throw new ArgumentError(`${word}: a place with ... becomes several words, so it stands alone`);
  }
  return parts;
}

function readPlace(text: string): Place | undefined {
  const match = placePattern.exec(text);
  if (match === null) return undefined;
  const [, position, name, rest = "", dots] = match;
  const fields = rest.split(".").filter((field) => field !== "");
  if (name !== undefined) fields.unshift(name);
  const at = position === undefined ? null : Number(position);
  return { text: `{${text}}`, at, fields, isSpread: dots !== undefined };
}

function badBrace(word: string): ArgumentError {
  return new ArgumentError(
    `${JSON.stringify(word)}: in braces stands the place of an input, as {0}, or the name of a ` +
      "field, as {subject}; a brace that is meant as such is doubled: {{ or }}",
  );
}

/** What a place may be filled with that no input has a field for. */
type CallFacts = Readonly<Record<(typeof factNames)[number], unknown>>;

const factNames = ["taskId", "seed", "attempt", "outputDir"] as const;
const isFact = (name: string | undefined): name is (typeof factNames)[number] =>
  factNames.some((fact) => fact === name);

/** How many inputs a call must have at least. */
export function inputsNeeded(templates: readonly Template[]): number {
  const places = templates.flat().filter((part) => typeof part !== "string");
  const least = ({ at, fields }: Place) => (at !== null ? at + 1 : isFact(fields[0]) ? 0 : 1);
  return Math.max(0, ...places.map(least));
}

/**
 * The words that a word becomes: one, or with `...` as many as its list has entries.
 *
 * @throws CommandInputError if an input is missing, or is nothing that a program could be given
 */
export function fillWords(
  template: Template,
  inputs: readonly unknown[],
  facts?: CallFacts,
): string[] {
  const [only] = template;
  if (template.length === 1 && typeof only === "object" && only.isSpread) {
    const list = valueAt(only, inputs, facts);
    if (isList(list)) return Array.from(list, (value) => textOf(value, only));
    throw new CommandInputError(`${only.text} is ${kindOf(list)}, but ... needs a list`);
  }
  return [fillText(template, inputs, facts)];
}

/** The text that a word becomes. @throws CommandInputError */
export function fillText(
  template: Template,
  inputs: readonly unknown[],
  facts?: CallFacts,
): string {
  return template
    .map((part) => (typeof part === "string" ? part : textOf(valueAt(part, inputs, facts), part)))
    .join("");
}

function valueAt(place: Place, inputs: readonly unknown[], facts?: CallFacts): unknown {
  const { at, fields, text } = place;
  if (at !== null && at >= inputs.length) {
    throw new CommandInputError(`${text} asks for input ${at}, but there are ${inputs.length}`);
  }
  const start = at === null ? withField(fields[0] as string, inputs, facts) : inputs[at];
  let value = start;
  for (const field of fields) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, field)) {
      throw new CommandInputError(`${text}: there is no ${field} in ${kindOf(start)}`);
    }
    value = (value as Record<string, unknown>)[field];
  }
  return value;
}

/** The last one, where options are. */
function withField(name: string, inputs: readonly unknown[], facts?: CallFacts): unknown {
  const found = inputs.findLast(
    (input) => typeof input === "object" && input !== null && Object.hasOwn(input, name),
  );
  if (found !== undefined) return found;
  if (facts !== undefined && isFact(name) && facts[name] !== undefined) return facts;
  throw new CommandInputError(
    `{${name}}: no input has a field of that name; inputs without names are {0}, {1}, …`,
  );
}

function textOf(value: unknown, place: Place): string {
  switch (typeof value) {
    case "string":
      if (value.includes("\0")) throw new CommandInputError(`${place.text} holds a zero character`);
      return value;
    case "number":
    case "bigint":
    case "boolean":
      return String(value);
    case "object":
      if (value === null) break;
      return JSON.stringify(isList(value) ? Array.from(value) : value);
    default:
  }
  throw new CommandInputError(`${place.text} is ${kindOf(value)}, which has no text`);
}

function isList(value: unknown): value is ArrayLike<unknown> & object {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return isList(value) ? "a list" : `a value of type ${typeof value}`;
}
