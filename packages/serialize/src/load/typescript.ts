// Lets this process import TypeScript modules: natively where node strips types, otherwise with
// tsx, found from the user's module first and then beside this package.

import { importFrom, stripQuery } from "../modules/native-import.js";
import { FunctionShipError } from "../ship-error.js";

interface Registrar {
  register(): unknown;
}

let registered: Promise<boolean> | undefined;
let available = false;

/** True for files that only a TypeScript loader can import. */
export function isTypeScript(url: string): boolean {
  return /\.[cm]?tsx?$/.test(stripQuery(url));
}

/** True when this process can already import TypeScript of some kind. */
export function hasTypeScript(): boolean {
  const features = process.features as { readonly typescript?: unknown };
  return available || Boolean(features.typescript);
}

/** Makes TypeScript importable if it is not; without tsx, importing will tell what is missing. */
export async function ensureTypeScript(userUrl: string): Promise<void> {
  if (!hasTypeScript()) await registerTsx(userUrl);
}

/**
 * Registers tsx for both module systems; registering one alone breaks the other.
 * Gives false when no tsx is installed.
 */
export function registerTsx(userUrl: string): Promise<boolean> {
  registered ??= tryRegister(userUrl).then((found) => {
    available = found;
    // Another module may lie where tsx can be found.
    if (!found) registered = undefined;
    return found;
  });
  return registered;
}

async function tryRegister(userUrl: string): Promise<boolean> {
  for (const from of [userUrl, import.meta.url]) {
    try {
      const esm = (await importFrom(from, "tsx/esm/api")) as unknown as Registrar;
      const cjs = (await importFrom(from, "tsx/cjs/api")) as unknown as Registrar;
      esm.register();
      cjs.register();
      return true;
    } catch (error) {
      if ((error as { code?: unknown }).code !== "ERR_MODULE_NOT_FOUND") throw error;
    }
  }
  return false;
}

/** True for failures that a TypeScript loader would have avoided. */
export function needsTypeScript(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX") return true;
  if (code === "ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING") return true;
  return code === "ERR_UNKNOWN_FILE_EXTENSION" && /"?\.[cm]?tsx?"?/.test(String(message));
}

/** The error that names the remedy when TypeScript cannot be loaded. */
export function noTypeScript(url: string, cause: unknown): FunctionShipError {
  const code = (cause as { code?: unknown } | undefined)?.code;
  const why =
    code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX"
      ? "it uses syntax that cannot be stripped, such as enum or namespace"
      : `node ${process.versions.node} cannot import it by itself`;
  return new FunctionShipError("TYPESCRIPT_SUPPORT", {
    what: `the TypeScript module ${url} cannot be loaded: ${why}`,
    hint: "install tsx where the worker runs (npm install tsx), or ship compiled JavaScript",
    cause,
  });
}
