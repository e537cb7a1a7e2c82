// Says whether what two processes made of a case is what the table expects, as two objects to
// compare, and prints the table of verdicts.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { type Case, expectation, type Loader, type Outcome, rows } from "./rows.js";
import { type Answers, type LoadedCase, layouts, type PackedCase, type World } from "./world.js";

/** What happened and what should have, comparable by deep equality. */
export interface Verdict {
  readonly actual: unknown;
  readonly expected: unknown;
}

/** All cases by name. */
export const cases: Readonly<Record<string, Case>> = Object.assign(
  {},
  ...rows.map((row) => row.cases),
);

/** Arguments by case, for the process that calls. */
export const caseArguments: Readonly<Record<string, readonly unknown[]>> = Object.fromEntries(
  Object.entries(cases).map(([name, { args }]) => [name, args ?? []]),
);

/** What the two processes of a loader made of all cases. */
export interface Story {
  readonly world: World;
  readonly loader: Loader;
  readonly packed: Answers<PackedCase>;
  readonly loaded: Answers<LoadedCase>;
}

/** Compares one case. */
export function judge({ world, loader, packed, loaded }: Story, name: string): Verdict {
  const one = cases[name] as Case;
  const expected = settled(expectation(one, loader).expect, world, loader);
  const sent: PackedCase = packed[name] ?? {};
  const came: LoadedCase = loaded[name] ?? {};
  if ("code" in expected) return judgeRefusal(expected, sent);
  const { kind, where, warnings, stable, refused, bytes } = sent;
  const { value, thrown } = came;
  const arrived = { kind, refused, stable, warnings };
  const due = { kind: expected.kind, refused: undefined, stable: true, warnings: [] };
  if ("thrownAt" in expected) {
    const place = placeOf(world.file(loader, expected.thrownAt[0]), expected.thrownAt[1]);
    // A name with `/./` is the same file, kept from being mapped a second time.
    const stack = thrown?.stack.replaceAll("/./", "/");
    const at = stack?.includes(place) ? place : stack;
    return { actual: { ...arrived, at }, expected: { ...due, at: place } };
  }
  const actual = { ...arrived, value, thrown };
  const wanted = { ...due, value: expected.value, thrown: undefined };
  if (expected.kind !== "value") {
    return { actual: { ...actual, where }, expected: { ...wanted, where: expected.where } };
  }
  const small = expected.atMostBytes === undefined || (bytes as number) <= expected.atMostBytes;
  return {
    actual: { ...actual, bytes: small ? "few" : bytes },
    expected: { ...wanted, warnings: expected.warnings ?? [], bytes: "few" },
  };
}

// Every refusal says what to do, whatever else it says.
function judgeRefusal(
  { code, says }: Extract<Outcome, { code: string }>,
  { refused, kind }: PackedCase,
): Verdict {
  const message = refused?.message ?? "";
  return {
    actual: {
      kind,
      name: refused?.name,
      code: refused?.code,
      says: message.includes(says) ? says : message,
      hint: message.includes("what to do: "),
    },
    expected: { kind: undefined, name: "FunctionShipError", code, says, hint: true },
  };
}

function settled(outcome: Outcome, world: World, loader: Loader): Outcome {
  const folder = world.folder(loader);
  const text = JSON.stringify(outcome)
    .replaceAll("<root>", pathToFileURL(folder).href)
    .replaceAll("<path>", folder)
    .replaceAll("<ext>", layouts[loader].extension);
  return JSON.parse(text);
}

function placeOf(file: string, text: string): string {
  const before = readFileSync(file, "utf8").split(text)[0] as string;
  const lines = before.split("\n");
  return `${file}:${lines.length}:${(lines.at(-1) as string).length + 1}`;
}

/** Verdicts by row and loader as text, with the reasons for what differs on purpose. */
export function verdictTable(verdicts: ReadonlyMap<Loader, ReadonlyMap<string, boolean>>): string {
  const loaders = [...verdicts.keys()];
  const lines = [["row", ...loaders].map((text) => text.padEnd(13)).join("")];
  const reasons = new Map<string, Loader[]>();
  for (const { number, title, cases: variants, apart } of rows) {
    if (apart !== undefined) {
      lines.push(`${String(number).padEnd(13)}in ${apart}: ${title}`);
      continue;
    }
    const cells = loaders.map((loader) => {
      let word = "ok";
      for (const [name, one] of Object.entries(variants)) {
        const { because } = expectation(one, loader);
        if (because !== undefined) {
          word = "ok, differs";
          const reason = `'${name}' differs: ${because}`;
          reasons.set(reason, [...(reasons.get(reason) ?? []), loader]);
        }
      }
      return Object.keys(variants).every((name) => verdicts.get(loader)?.get(name))
        ? word
        : "FAILS";
    });
    lines.push(`${[String(number), ...cells].map((text) => text.padEnd(13)).join("")}${title}`);
  }
  const notes = [...reasons].map(([reason, where]) => `${reason} (${where.join(", ")})`);
  return [...lines, ...notes].join("\n");
}
