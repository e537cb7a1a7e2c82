// How long files and functions are, per package. Lengths are lines of TypeScript; functions are
// found in what the build emits and measured through its source maps.

import type { Package, SourceFile } from "./repository.js";
import { readBuiltModule, type TreeNode, visit } from "./syntax-tree.js";

export const sizeLimits = {
  fileLines: 500,
  medianFileLines: 160,
  medianFileLinesGoal: 110,
  p90FileLinesGoal: 300,
  functionLines: 70,
  functionLinesGoal: 40,
  lineLength: 120,
} as const;

export interface FunctionSize {
  place: string;
  lines: number;
}

export interface FileSizes {
  name: string;
  files: number;
  median: number;
  p90: number;
  max: number;
}

/** The spread of file lengths of one package, tests not counted. */
export function measureFiles(package_: Package, sources: readonly SourceFile[]): FileSizes {
  const lengths = sources
    .filter((file) => !file.isTest)
    .map((file) => file.lineCount)
    .sort((a, b) => a - b);
  const quantile = (share: number) =>
    lengths[Math.min(lengths.length - 1, Math.floor(lengths.length * share))] ?? 0;
  return {
    name: package_.shortName,
    files: lengths.length,
    median: quantile(0.5),
    p90: quantile(0.9),
    max: lengths.at(-1) ?? 0,
  };
}

/** Every function of one source with its length; undefined when the source was not built. */
export function measureFunctions(sourcePath: string): FunctionSize[] | undefined {
  const built = readBuiltModule(sourcePath);
  if (built === undefined) return undefined;
  const sizes: FunctionSize[] = [];
  visit(built.program, (node, parents) => {
    if (!/Function/.test(node.type)) return;
    const first = built.sourceLine(node.start);
    const lines = built.sourceLine(node.end - 1) - first + 1;
    sizes.push({ place: `${sourcePath}:${first}: ${functionName(node, parents.at(-1))}`, lines });
  });
  return sizes;
}

function functionName(node: TreeNode, parent: TreeNode | undefined): string {
  const holder = (node.id ?? parent?.key ?? parent?.id) as TreeNode | null | undefined;
  const name = holder?.name ?? holder?.value;
  return typeof name === "string" ? name : "(anonymous)";
}
