// Where a function stands: in the JavaScript V8 runs, and in the file its author wrote.
// Made for messages and for finding text; nothing that travels may depend on a source map.

import { SourceMap } from "node:module";
import type { LoadedScript } from "./inspect.js";
import { filePath, scriptUrl } from "./specifiers.js";

/** Zero-based place in a file. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Character offset of a zero-based line and column. */
export function offsetOf(source: string, { line, column }: Place): number {
  let start = 0;
  for (let seen = 0; seen < line; seen++) {
    const next = source.indexOf("\n", start);
    if (next < 0) break;
    start = next + 1;
  }
  return start + column;
}

/** Zero-based line and column of a character offset. */
export function placeOf(source: string, offset: number): Place {
  let line = 0;
  let start = 0;
  for (;;) {
    const next = source.indexOf("\n", start);
    if (next < 0 || next >= offset) return { line, column: offset - start };
    start = next + 1;
    line++;
  }
}

const maps = new Map<string, SourceMap | undefined>();

/** The place in the author's file, when the script carries its source map inline. */
export function originalPlace(script: LoadedScript, place: Place): Place | undefined {
  if (!maps.has(script.id)) maps.set(script.id, inlineMap(script.sourceMapUrl));
  const entry: unknown = maps.get(script.id)?.findEntry(place.line, place.column);
  const { originalLine: line, originalColumn: column } = (entry ?? {}) as {
    originalLine?: number;
    originalColumn?: number;
  };
  return line === undefined || column === undefined ? undefined : { line, column };
}

function inlineMap(url: string): SourceMap | undefined {
  const found = /^data:application\/json[^,]*;base64,(.*)$/s.exec(url);
  if (found === null) return undefined;
  try {
    const text = Buffer.from(found[1] as string, "base64").toString("utf8");
    return new SourceMap(JSON.parse(text));
  } catch {
    // A broken map costs only the beauty of a message.
    return undefined;
  }
}

/** `file:line:column` for messages, counted from one. */
export function locationText(script: LoadedScript, place: Place): string {
  const shown = originalPlace(script, place) ?? place;
  const file = filePath(scriptUrl(script.url)) ?? (script.url || "<eval>");
  return `${file}:${shown.line + 1}:${shown.column + 1}`;
}
