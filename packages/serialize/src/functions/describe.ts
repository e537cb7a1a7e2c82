// Decides how one function travels: as a name every process knows, as an export of a module, or
// as text with what it captured.

import { types } from "node:util";
import { firstSeenHash } from "../modules/file-hash.js";
import { FunctionShipError } from "../ship-error.js";
import { type Anatomy, examine, nativeCode } from "./anatomy.js";
import { importedName, isByValueModule, perWorkerFactory, taskChoice } from "./branding.js";
import { type BuiltinReference, builtinReference } from "./builtins.js";
import { type Captures, resolveCaptures } from "./captures.js";
import { originalPlace } from "./positions.js";
import { findReference, type ModuleReference } from "./reference.js";
import { metaName, parentName, type SourceCode, sourceCode } from "./source-code.js";
import type { SourceRecord } from "./source-record.js";
import type { FunctionWarning } from "./warnings.js";

/** How a function travels. */
export type Description =
  | { readonly kind: "builtin"; readonly reference: BuiltinReference }
  | { readonly kind: "reference"; readonly reference: ModuleReference; readonly location: string }
  | { readonly kind: "bound"; target: object; self: unknown; args: readonly unknown[] }
  | { readonly kind: "perWorker"; readonly factory: object; readonly key: string | null }
  | {
      readonly kind: "source";
      readonly record: SourceRecord;
      readonly anatomy: Anatomy;
      readonly captures: Captures;
      readonly warnings: readonly FunctionWarning[];
    };

/** Describes a function or class reached by `path`. */
export async function describeFunction(
  target: object,
  path: readonly string[],
): Promise<Description> {
  if (types.isProxy(target)) {
    throw new FunctionShipError("PROXY", {
      what: "the function is a Proxy, whose handler exists in this process alone",
      hint: "pass the function behind it",
      path,
    });
  }
  const name = functionName(target);
  const imported = importedName(target);
  if (imported !== undefined) return namedReference(imported);
  const factory = perWorkerFactory(target);
  if (factory !== undefined) return { kind: "perWorker", factory, key: null };
  const reference = builtinReference(target);
  if (reference !== undefined) return { kind: "builtin", reference };
  const examined = examine(target);
  if (examined.kind === "bound") return examined;
  if (examined.kind === "native" || examined.anatomy.url.startsWith("node:")) {
    throw nativeCode(name, path);
  }
  return describeScript(target, name, examined.anatomy, path);
}

export function functionName(target: object): string {
  const name: unknown = Object.getOwnPropertyDescriptor(target, "name")?.value;
  return typeof name === "string" ? name : "";
}

function namedReference({ url, name }: { url: string; name: string }): Description {
  const sha256 = firstSeenHash(url) ?? null;
  const reference: ModuleReference = { url, path: [name], format: "esm", sha256 };
  return { kind: "reference", reference, location: url };
}

async function describeScript(
  target: object,
  name: string,
  anatomy: Anatomy,
  path: readonly string[],
): Promise<Description> {
  const choice = taskChoice(target);
  if (choice !== "value" && !(choice === undefined && isByValueModule(anatomy.url))) {
    const reference = await findReference(target, anatomy);
    if (reference !== undefined) {
      return { kind: "reference", reference, location: anatomy.location };
    }
  }
  if (choice === "reference") {
    throw new FunctionShipError("NOT_IMPORTABLE", {
      what: `the function at ${anatomy.location} was to go by reference, but no module exports it`,
      hint: "export it from a module other than the main one, or leave out { by: 'reference' }",
      path,
      location: anatomy.location,
    });
  }
  const here = [...path, `function '${name || "<anonymous>"}' (${anatomy.location})`];
  const code = sourceCode(anatomy, here);
  const captures = resolveCaptures(anatomy, code.free, here);
  if (code.hasParent) {
    captures.values.push({ name: parentName, value: Object.getPrototypeOf(target) });
  }
  const record = sourceRecord(name, anatomy, code, captures);
  return {
    kind: "source",
    record,
    anatomy,
    captures,
    warnings: warningsOf(anatomy, code, captures),
  };
}

/** Describes the initialiser of a constant as a function that computes it. */
export function describeInitialiser(
  anatomy: Anatomy,
  initialiser: { readonly start: number; readonly end: number },
  path: readonly string[],
): Extract<Description, { kind: "source" }> {
  const text = `() => (${anatomy.script.source.slice(initialiser.start, initialiser.end)}\n)`;
  const within = { ...anatomy, text };
  const code = sourceCode(within, path);
  const captures = resolveCaptures(within, code.free, path);
  const record = sourceRecord("", within, code, captures);
  return { kind: "source", record, anatomy: within, captures, warnings: [] };
}

function sourceRecord(
  name: string,
  anatomy: Anatomy,
  code: SourceCode,
  captures: Captures,
): SourceRecord {
  const original = originalPlace(anatomy.script, anatomy.place);
  const { line, column } = original ?? anatomy.place;
  return {
    name,
    before: code.before,
    text: code.text,
    after: code.after,
    url: anatomy.url,
    line,
    column,
    mapped: original !== undefined,
    strict: code.strict,
    isClass: code.isClass,
    usesThis: code.free.usesOwnThis,
    usesMeta: code.text.includes(metaName),
    imports: captures.imports,
    provided: captures.provided,
    eager: [...(code.isClass ? code.free.eager : []), ...(code.hasParent ? [parentName] : [])],
    importsLater: code.free.dynamicImports.length > 0,
    classId: null,
  };
}

function warningsOf(anatomy: Anatomy, code: SourceCode, captures: Captures): FunctionWarning[] {
  const warnings: FunctionWarning[] = [];
  const { location } = anatomy;
  for (const name of code.free.assigned) {
    const message =
      `the function at ${location} assigns the captured variable '${name}': ` +
      "every worker changes its own copy";
    warnings.push({ code: "ASSIGNS_CAPTURE", message, location });
  }
  for (const { name } of captures.recreated) {
    const message =
      `the function at ${location} uses the constant '${name}', which is made again on each ` +
      "worker by its initialiser";
    warnings.push({ code: "RECREATED_CONST", message, location });
  }
  return warnings;
}
