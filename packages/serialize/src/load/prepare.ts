// Loads, before a document is read, every module its functions need, so that reading itself is
// synchronous. When all are loaded already it answers at once, without a promise.

import type { ReferenceRecord, SourceRecord } from "../functions/source-record.js";
import type { MaybePromise } from "../maybe-promise.js";
import type { GraphDocument } from "../values/document.js";
import { tag } from "../values/tags.js";
import { importKey, isReady, loadedModule, loadImport, loadReference } from "./modules.js";
import { ensureTypeScript, hasTypeScript, isTypeScript } from "./typescript.js";

/** Loads the modules of all functions of a document. */
export function prepareFunctions(document: GraphDocument): MaybePromise<void> {
  const loads: (() => Promise<void>)[] = [];
  for (const index of document.functions) {
    const node = document.table[index] as readonly unknown[];
    if (node[1] === tag.moduleRef) {
      const record = node[2] as ReferenceRecord;
      if (!isReady(record)) loads.push(() => loadReference(record));
    } else if (node[1] === tag.source) {
      const { imports, url, importsLater, text } = node[2] as SourceRecord;
      if (importsLater && mayImportTypeScript(url, text)) loads.push(() => ensureTypeScript(url));
      for (const record of imports) {
        if (loadedModule(importKey(record, url)) === undefined) {
          loads.push(() => loadImport(record, url));
        }
      }
    }
  }
  return loads.length === 0 ? undefined : inOrder(loads);
}

// import() in a text runs when the function does; a TypeScript loader must be there by then.
function mayImportTypeScript(url: string, text: string): boolean {
  return !hasTypeScript() && (isTypeScript(url) || /\.[cm]?tsx?"/.test(text));
}

// One after the other, as the import statements of a module would be evaluated.
async function inOrder(loads: readonly (() => Promise<void>)[]): Promise<void> {
  for (const load of loads) await load();
}
