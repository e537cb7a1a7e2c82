// Where in a value the walk is, kept as cheap steps and turned into words only for an error.
// Must not know values: the walk gives it keys and phrases.

/** One step: an index or key, or a phrase such as `captured variable 'db'`. */
export type Step = string | number | { readonly phrase: string };

/** Joins steps to phrases: functions and captures stand alone, keys are glued as `.pool[2]`. */
export function describePath(steps: readonly Step[]): string[] {
  const phrases: string[] = [];
  let glued = "";
  const flush = () => {
    if (glued !== "") phrases.push(glued);
    glued = "";
  };
  for (const step of steps) {
    if (typeof step === "object") {
      flush();
      phrases.push(step.phrase);
    } else glued += typeof step === "number" ? `[${step}]` : keyText(step);
  }
  flush();
  return phrases;
}

function keyText(key: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key)
    ? `.${key}`
    : `[${JSON.stringify(key)}]`;
}
