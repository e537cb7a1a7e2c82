// Makes the function of each table entry of a document, once its modules are loaded.
// Synchronous throughout: loading modules was the business of prepare.ts.

import type { ReferenceRecord, SourceRecord } from "../functions/source-record.js";
import { serializeLimits } from "../limits.js";
import { LruMap } from "../lru-map.js";
import { FunctionShipError } from "../ship-error.js";
import type { GraphDecoder } from "../values/decode.js";
import { fillBag, follow, openSpecial } from "../values/decode-special.js";
import { badDocument } from "../values/document.js";
import { tag } from "../values/tags.js";
import { compileSource } from "./compile-source.js";
import { importKey, loadedModule, referenceKey } from "./modules.js";

type Callable = (...args: unknown[]) => unknown;

/** Makes the function or class of a table entry. */
export function makeFunction(decoder: GraphDecoder, index: number, node: unknown[]): unknown {
  switch (node[1]) {
    case tag.moduleRef:
      return exported(node[2] as ReferenceRecord);
    case tag.source:
      return makeSource(decoder, index, node);
    case tag.bound: {
      const [, , target, self, ...args] = node;
      const bind = decoder.decode(target) as Callable;
      return bind.bind(decoder.decode(self), ...args.map((argument) => decoder.decode(argument)));
    }
    case tag.perWorker:
      return perWorkerValue(decoder, node);
    case tag.recreate: {
      const initialiser = decoder.decode(node[2]) as () => unknown;
      decoder.drain();
      return initialiser();
    }
    default:
      return openSpecial(decoder, node).value;
  }
}

// A CommonJS module imported as a namespace may show its exports under `default` alone.
function exported(record: ReferenceRecord): unknown {
  const module = loadedModule(referenceKey(record));
  const value = follow(module, record.path) ?? follow(module, ["default", ...record.path]);
  if (typeof value === "function") return value;
  throw new FunctionShipError("MODULE_MISMATCH", {
    what: `the module ${record.url} has no function ${record.path.join(".") || "as its export"}`,
    hint: "restart the client and the workers, so that both load the same file",
    location: record.url,
  });
}

function makeSource(decoder: GraphDecoder, index: number, node: unknown[]): unknown {
  const record = node[2] as SourceRecord;
  const captured = node[3] as unknown[];
  if (record.classId !== null) {
    const known = classes.get(record.classId);
    if (known !== undefined) return known;
  }
  const names: string[] = [];
  for (let at = 0; at < captured.length; at += 2) names.push(captured[at] as string);
  const instance = compileSource(record, names);
  for (const item of record.imports) {
    instance.set(item.local, follow(loadedModule(importKey(item, record.url)), item.path));
  }
  const setAll = (wanted: (name: string) => boolean) => {
    names.forEach((name, at) => {
      if (wanted(name)) decoder.assign(captured[2 * at + 1], (value) => instance.set(name, value));
    });
  };
  if (!record.isClass) {
    const made = named(instance.make(), record.name);
    decoder.later(() => {
      setAll(() => true);
      complete(decoder, made as object, node);
    });
    return made;
  }
  const eager = new Set(record.eager);
  return decoder.evaluate(index, () => {
    setAll((name) => eager.has(name));
    decoder.drain();
    const made = named(instance.make(), record.name);
    if (record.classId !== null) classes.set(record.classId, made);
    decoder.later(() => {
      setAll((name) => !eager.has(name));
      complete(decoder, made as object, node);
    });
    return made;
  });
}

const classes = new LruMap<string, unknown>(serializeLimits.loadedClasses);

function named(made: unknown, name: string): unknown {
  if ((made as { name: unknown }).name !== name) {
    Object.defineProperty(made, "name", { value: name, configurable: true });
  }
  return made;
}

/** Restores own properties and what code had added to the prototype. */
function complete(decoder: GraphDecoder, made: object, node: readonly unknown[]): void {
  if (node[4] !== null) fillBag(decoder, made, node[4]);
  if (node[5] === null) return;
  const [bag, parent] = node[5] as readonly unknown[];
  const prototype = (made as { prototype: object }).prototype;
  if (parent !== null) {
    const { parent: value } = decoder.decode(parent) as { parent: object | null };
    Object.setPrototypeOf(prototype, value);
  }
  if (bag !== null) fillBag(decoder, prototype, bag);
}

const perWorkerValues = new Map<string, { readonly value: unknown }>();

function perWorkerValue(decoder: GraphDecoder, node: unknown[]): Callable {
  const factory = decoder.decode(node[3]) as () => unknown;
  const key = node[2] as string;
  if (typeof key !== "string") throw badDocument("a per-worker value has no key");
  return () => {
    let held = perWorkerValues.get(key);
    if (held === undefined) {
      if (perWorkerValues.size >= serializeLimits.perWorkerValues) {
        throw new Error(
          `more than ${serializeLimits.perWorkerValues} per-worker values: call perWorker() ` +
            "once, outside of loops",
        );
      }
      held = { value: factory() };
      perWorkerValues.set(key, held);
    }
    return held.value;
  };
}
