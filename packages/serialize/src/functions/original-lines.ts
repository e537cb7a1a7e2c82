// Loaders such as tsx put a whole module on one line. This gives the text of a function its
// original lines back, by white space alone, so that stacks in the other process name the line the
// author wrote. White space is added only where the grammar ignores it.

import type { Anatomy } from "./anatomy.js";
import { originalPlace, type Place } from "./positions.js";
import { type AnyNode, childrenOf, type ParsedFunction } from "./syntax.js";

/** White space to insert at a position of the parsed text. */
export interface Insertion {
  readonly at: number;
  readonly space: string;
}

const maxPadding = 200;

/** The white space that brings a transformed text back to its original lines. */
export function originalLines(anatomy: Anatomy, parsed: ParsedFunction): Insertion[] {
  const start = originalPlace(anatomy.script, anatomy.place);
  if (start === undefined) return [];
  const insertions: Insertion[] = [];
  const at = { line: start.line, column: start.column };
  let copied = 0;
  for (const { position, newline } of spots(parsed)) {
    advance(at, anatomy.text.slice(copied, position));
    copied = position;
    const wanted = originalPlace(anatomy.script, placeWithin(anatomy, position));
    const space = wanted === undefined ? "" : spaceTo(at, wanted, newline);
    if (space === "") continue;
    insertions.push({ at: position + parsed.offset, space });
    advance(at, space);
  }
  return insertions;
}

interface Spot {
  /** Offset into the function's text. */
  readonly position: number;
  /** Whether a line break is harmless there. */
  readonly newline: boolean;
}

function spots(parsed: ParsedFunction): Spot[] {
  const found = new Map<number, boolean>();
  const visit = (node: AnyNode) => {
    for (const start of breakable(node)) found.set(start.start - parsed.offset, true);
    for (const child of childrenOf(node)) {
      const position = child.start - parsed.offset;
      const call = child.type === "CallExpression" || child.type === "NewExpression";
      if (call && !found.has(position)) found.set(position, false);
      visit(child);
    }
  };
  visit(parsed.node);
  const list = [...found].map(([position, newline]) => ({ position, newline }));
  return list.filter(({ position }) => position > 0).sort((a, b) => a.position - b.position);
}

/** Children in front of which a line break cannot change the meaning. */
function breakable(node: AnyNode): readonly AnyNode[] {
  switch (node.type) {
    case "BlockStatement":
    case "StaticBlock":
      return node.body;
    case "SwitchCase":
      return node.consequent;
    case "ObjectExpression":
      return node.properties;
    case "ArrayExpression":
      return node.elements.filter((element) => element !== null);
    case "CallExpression":
    case "NewExpression":
      return node.arguments;
    case "ArrowFunctionExpression":
      return node.body.type === "BlockStatement" ? [] : [node.body];
    default:
      return [];
  }
}

function placeWithin({ text, place }: Anatomy, position: number): Place {
  const at = { line: place.line, column: place.column };
  advance(at, text.slice(0, position));
  return at;
}

function advance(at: { line: number; column: number }, passed: string): void {
  const last = passed.lastIndexOf("\n");
  if (last < 0) at.column += passed.length;
  else {
    at.line += passed.split("\n").length - 1;
    at.column = passed.length - last - 1;
  }
}

function spaceTo(at: Place, wanted: Place, newline: boolean): string {
  if (wanted.line > at.line && newline) {
    const column = Math.min(wanted.column, maxPadding);
    return "\n".repeat(wanted.line - at.line) + " ".repeat(column);
  }
  const missing = wanted.column - at.column;
  return wanted.line === at.line && missing > 0 && missing <= maxPadding ? " ".repeat(missing) : "";
}
