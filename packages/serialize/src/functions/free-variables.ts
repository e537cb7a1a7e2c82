// Finds the free variables of one function: names it uses that are declared outside of it, and
// everything else about its text that decides whether it can stand alone.

import { FreeVariableWalk } from "./free-variable-walk.js";
import { Scope } from "./scope.js";
import { type ClassNode, type FunctionNode, isClass } from "./syntax.js";

/** What the text of a function needs from outside. */
export interface FreeVariables {
  /** Free names in order of first use. */
  readonly names: ReadonlySet<string>;
  /** Free names used in no other way than `typeof name`. */
  readonly typeofOnly: ReadonlySet<string>;
  /** For free names of which only properties are used: those properties. */
  readonly members: ReadonlyMap<string, ReadonlySet<string>>;
  /** Free names that are assigned. */
  readonly assigned: ReadonlySet<string>;
  /** For a class: free names needed while it is evaluated, not only when it is used. */
  readonly eager: ReadonlySet<string>;
  /** Private names of a class around the function. */
  readonly privateNames: ReadonlySet<string>;
  /** Ranges of `import.meta`. */
  readonly importMeta: readonly { start: number; end: number }[];
  /** Literal specifiers given to import() or vite's replacement of it, with their ranges. */
  readonly dynamicImports: readonly DynamicImport[];
  readonly usesOwnThis: boolean;
  readonly usesOuterThis: boolean;
  readonly usesOuterArguments: boolean;
  readonly usesOuterNewTarget: boolean;
  readonly usesSuper: boolean;
  readonly usesEval: boolean;
}

/** The literal specifier of one import() call. */
export interface DynamicImport {
  readonly specifier: string;
  readonly start: number;
  readonly end: number;
}

/** Analyses a function or class; `strict` tells whether the code around it is strict. */
export function freeVariables(root: FunctionNode | ClassNode, strict: boolean): FreeVariables {
  const analysis = new FreeVariableWalk(root);
  analysis.walk(root, {
    scope: new Scope(undefined),
    ownThis: false,
    rootThis: false,
    ownArguments: false,
    inClass: false,
    inWith: false,
    eager: isClass(root),
    strict,
  });
  return analysis.result();
}
