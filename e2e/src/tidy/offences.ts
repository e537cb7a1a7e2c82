// How a rule fails: with every offence at once, one per line, and what to do about them. Needs no
// test runner, so that it can be built with the rest.

/** Throws with all offences listed; passes when there is none. */
export function expectNone(offences: readonly string[], remedy: string): void {
  if (offences.length === 0) return;
  const list = [...offences].sort().map((offence) => `  ${offence}`);
  throw new Error(`${remedy}\n${list.join("\n")}\n(${offences.length} in all)`);
}
