// The scopes inside one function while its text is walked: which names are declared where.
// Holds names only; the walk decides which of them are free.

import type { Declarations } from "./declarations.js";

/** One scope of the walk, innermost last. */
export class Scope {
  readonly names: Declarations = new Map();
  readonly privateNames = new Set<string>();
  readonly outer: Scope | undefined;

  constructor(outer: Scope | undefined) {
    this.outer = outer;
  }

  declares(name: string): boolean {
    for (let at: Scope | undefined = this; at !== undefined; at = at.outer) {
      if (at.names.has(name)) return true;
    }
    return false;
  }

  declaresPrivate(name: string): boolean {
    for (let at: Scope | undefined = this; at !== undefined; at = at.outer) {
      if (at.privateNames.has(name)) return true;
    }
    return false;
  }
}

/** What holds at a place of the walk. */
export interface Context {
  readonly scope: Scope;
  /** Inside a non-arrow function or a class member, where `this` has its own meaning. */
  readonly ownThis: boolean;
  /** Directly in the root function, not in a non-arrow function below it. */
  readonly rootThis: boolean;
  readonly ownArguments: boolean;
  readonly inClass: boolean;
  readonly inWith: boolean;
  readonly eager: boolean;
  readonly strict: boolean;
}
