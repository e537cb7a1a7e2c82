// Syntax trees of the JavaScript that the build emits, with lines of the TypeScript they come from.
// Built code is what runs: types are gone, so every import and name that is left is real.

import { existsSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { join } from "node:path";
import { type Node, type Program, parse } from "acorn";
import { builtPathOf, repositoryRoot } from "./repository.js";

/** Any node, with its children by name. */
export interface TreeNode extends Node {
  [child: string]: unknown;
}

export interface BuiltModule {
  program: Program;
  /** Line in the TypeScript source of an offset in the emitted code. */
  sourceLine(offset: number): number;
}

/**
 * Parses what the build made of a source.
 *
 * @param sourcePath - path of the TypeScript file from the root
 * @returns undefined when it was not built
 */
export function readBuiltModule(sourcePath: string): BuiltModule | undefined {
  const built = join(repositoryRoot, builtPathOf(sourcePath));
  if (!existsSync(built)) return undefined;
  const text = readFileSync(built, "utf8");
  const program = parseModule(text);
  const starts = lineStarts(text);
  const map = existsSync(`${built}.map`)
    ? new SourceMap(JSON.parse(readFileSync(`${built}.map`, "utf8")))
    : undefined;
  return {
    program,
    sourceLine(offset) {
      let line = starts.findIndex((start) => start > offset) - 1;
      if (line < 0) line = starts.length - 1;
      const entry = map?.findEntry(line, offset - starts[line]!);
      return (entry && "originalLine" in entry ? entry.originalLine : line) + 1;
    },
  };
}

/** Parses JavaScript text as a module. */
export function parseModule(text: string): Program {
  return parse(text, { ecmaVersion: 2023, sourceType: "module", allowHashBang: true });
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** Visits every node below `root`, parents first, with the chain of its parents (nearest last). */
export function visit(
  root: Node,
  visitor: (node: TreeNode, parents: readonly TreeNode[]) => void,
): void {
  const parents: TreeNode[] = [];
  function enter(node: TreeNode): void {
    visitor(node, parents);
    parents.push(node);
    for (const child of Object.values(node)) {
      for (const item of Array.isArray(child) ? child : [child]) if (isNode(item)) enter(item);
    }
    parents.pop();
  }
  enter(root as TreeNode);
}

function isNode(value: unknown): value is TreeNode {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}
