// Named limits of this package. Configuration is the user's own, so they catch mistakes, not
// attacks.

export const configLimits = {
  /** Levels of nesting in a file; more means a level that contains itself. */
  depth: 64,
} as const;
