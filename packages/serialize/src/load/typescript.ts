// Lets this process import TypeScript modules: natively where node strips types, otherwise with
// tsx, found from the user's module first and then beside this package.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { importUrl, stripQuery } from "../modules/native-import.js";
import { FunctionShipError } from "../ship-error.js";

interface Registrar {
  register(): unknown;
}

let registered: Promise<boolean> | undefined;

/** True for files that only a TypeScript loader can import. */
export function isTypeScript(url: string): boolean {
  return /\.[cm]?tsx?$/.test(stripQuery(url));
}

/**
 * Registers tsx for both module systems; registering one alone breaks the other.
 * Gives false when no tsx is installed.
 */
export function registerTsx(userUrl: string): Promise<boolean> {
  registered ??= tryRegister(userUrl).then((found) => {
    // Another module may lie where tsx can be found.
    if (!found) registered = undefined;
    return found;
  });
  return registered;
}

async function tryRegister(userUrl: string): Promise<boolean> {
  for (const from of [userUrl, import.meta.url]) {
    if (!from.startsWith("file:")) continue;
    const require = createRequire(stripQuery(from));
    for (const api of ["tsx/esm/api", "tsx/cjs/api"]) {
      const path = resolved(require, api);
      if (path === undefined) break;
      const namespace = (await importUrl(pathToFileURL(path).href)) as unknown as Registrar;
      namespace.register();
      if (api === "tsx/cjs/api") return true;
    }
  }
  return false;
}

function resolved(require: NodeJS.Require, specifier: string): string | undefined {
  try {
    return require.resolve(specifier);
  } catch {
    // Not installed there; the next place is tried.
    return undefined;
  }
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
