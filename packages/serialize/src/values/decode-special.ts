// Makes the value of each special node of a document. Containers come back as shells with a
// `fill`, so that a cycle through them finds them already there.

import { builtinModule } from "../modules/builtin-module.js";
import type { GraphDecoder, Opened } from "./decode.js";
import { badDocument } from "./document.js";
import { errorConstructor } from "./native-bases.js";
import { type DocumentNode, tag } from "./tags.js";

type Node = readonly unknown[];

/** Opens any special node except references to the table. */
export function openSpecial(decoder: GraphDecoder, node: Node): Opened {
  const scalar = openScalar(decoder, node);
  return scalar ?? openContainer(decoder, node);
}

function openScalar(decoder: GraphDecoder, node: Node): Opened | undefined {
  const [, kind, first, second, third, fourth] = node;
  switch (kind) {
    case tag.negativeZero:
      return { value: -0 };
    case tag.bigint:
      return { value: parseBigInt(first as string) };
    case tag.text:
      return { value: Buffer.from(first as Uint8Array).toString("utf16le") };
    case tag.symbol:
      return { value: Symbol.for(first as string) };
    case tag.date:
      return { value: new Date(first as number) };
    case tag.regexp: {
      const pattern = new RegExp(first as string, second as string);
      pattern.lastIndex = third as number;
      return { value: pattern };
    }
    case tag.view:
      return {
        value: decoder.segments.view(
          first as string,
          second as number,
          third as number,
          fourth as number,
        ),
      };
    case tag.arrayBuffer:
      return {
        value: decoder.segments.arrayBuffer(first as number, second as number, third as number),
      };
    default:
      return openReference(decoder, node);
  }
}

function openReference(decoder: GraphDecoder, [, kind, first, second]: Node): Opened | undefined {
  switch (kind) {
    case tag.boxed:
      return { value: Object(decoder.decode(first)) };
    case tag.url:
      return { value: new URL(first as string) };
    case tag.searchParams:
      return { value: new URLSearchParams(first as string) };
    case tag.global:
      return { value: follow(globalThis, first as readonly string[]) };
    case tag.builtin:
      return { value: follow(builtinModule(first as string), second as readonly string[]) };
    case tag.item:
      return { value: decoder.items[first as number] };
    case tag.remote:
      return { value: resolveRemote(decoder, first as string) };
    case tag.custom:
      return openCustom(decoder, first, second);
    default:
      return undefined;
  }
}

/** Follows property names from a starting object. */
export function follow(start: unknown, path: readonly string[]): unknown {
  let at = start;
  for (const key of path) {
    if (at === null || at === undefined) return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  return at;
}

function openCustom(decoder: GraphDecoder, decode: DocumentNode, data: DocumentNode): Opened {
  const make = decoder.decode(decode) as (data: unknown) => unknown;
  const taken = decoder.decode(data);
  decoder.drain();
  return { value: make(taken) };
}

function resolveRemote(decoder: GraphDecoder, key: string): unknown {
  const { resolveRef } = decoder.options;
  if (resolveRef === undefined) {
    throw badDocument(
      `it refers to the remote value ${JSON.stringify(key)}, which nobody resolves`,
    );
  }
  return resolveRef(key);
}

function parseBigInt(hexadecimal: string): bigint {
  return hexadecimal.startsWith("-")
    ? -BigInt(`0x${hexadecimal.slice(1)}`)
    : BigInt(`0x${hexadecimal}`);
}

function openContainer(decoder: GraphDecoder, node: Node): Opened {
  const [, kind, first, second, third] = node;
  switch (kind) {
    case tag.array:
      return openItems(decoder, node);
    case tag.sparse:
      return openSparse(decoder, node);
    case tag.map:
      return openMap(decoder, node);
    case tag.set:
      return openSet(decoder, node);
    case tag.object: {
      const value: object = first === true ? Object.create(null) : {};
      return { value, fill: () => fillBag(decoder, value, second) };
    }
    case tag.instance:
      return openInstance(decoder, first, second);
    case tag.error: {
      const value = bareError(first);
      return { value, fill: () => fillBag(decoder, value, second) };
    }
    case tag.extended: {
      const base = openSpecial(decoder, first as Node);
      return {
        value: base.value,
        fill: () => {
          base.fill?.();
          fillInstance(decoder, base.value as object, second, third);
        },
      };
    }
    default:
      throw badDocument(`it has the unknown tag ${String(kind)}`);
  }
}

// The usual case, a class that exists by now, avoids the slow change of prototype.
function openInstance(decoder: GraphDecoder, prototype: DocumentNode, bag: DocumentNode): Opened {
  const made = decoder.made(prototype);
  if (typeof made === "function") {
    const value = Object.create(made.prototype as object);
    return { value, fill: () => fillBag(decoder, value, bag) };
  }
  const value = {};
  return { value, fill: () => fillInstance(decoder, value, prototype, bag) };
}

function openItems(decoder: GraphDecoder, node: Node): Opened {
  const value: unknown[] = new Array(node.length - 2).fill(null);
  const fill = () => {
    for (let index = 0; index < value.length; index++) {
      decoder.assign(node[index + 2], (item) => {
        value[index] = item;
      });
    }
  };
  return { value, fill };
}

function openSparse(decoder: GraphDecoder, node: Node): Opened {
  const value: unknown[] = new Array(node[2] as number);
  const fill = () => {
    for (let at = 3; at < node.length; at += 2) {
      const index = node[at] as number;
      decoder.assign(node[at + 1], (item) => {
        value[index] = item;
      });
    }
  };
  return { value, fill };
}

function openMap(decoder: GraphDecoder, node: Node): Opened {
  const value = new Map<unknown, unknown>();
  const fill = () => {
    for (let at = 2; at < node.length; at += 2) {
      value.set(decoder.decode(node[at]), decoder.decode(node[at + 1]));
    }
  };
  return { value, fill };
}

function openSet(decoder: GraphDecoder, node: Node): Opened {
  const value = new Set<unknown>();
  const fill = () => {
    for (let at = 2; at < node.length; at++) value.add(decoder.decode(node[at]));
  };
  return { value, fill };
}

function fillInstance(
  decoder: GraphDecoder,
  value: object,
  prototype: DocumentNode,
  bag: DocumentNode,
): void {
  if (prototype !== null) {
    decoder.assign(prototype, (made) => {
      const parent = typeof made === "function" ? made.prototype : made;
      Object.setPrototypeOf(value, parent as object | null);
    });
  }
  fillBag(decoder, value, bag);
}

/** Gives an object the properties of a bag. */
export function fillBag(decoder: GraphDecoder, value: object, bag: DocumentNode): void {
  if (Array.isArray(bag)) {
    for (let at = 0; at < bag.length; at += 3) {
      const key = decoder.decode(bag[at]) as string | symbol;
      decoder.assign(bag[at + 1], (item) => define(value, key, item, bag[at + 2] as boolean));
    }
    return;
  }
  for (const [key, node] of Object.entries(bag as object)) {
    decoder.assign(node, (item) => define(value, key, item, true));
  }
}

function define(value: object, key: string | symbol, item: unknown, enumerable: boolean): void {
  Object.defineProperty(value, key, {
    value: item,
    enumerable,
    writable: true,
    configurable: true,
  });
}

/** An error of a built-in class without a stack of its own. */
export function bareError(name: unknown): Error {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const kind = errorConstructor(name);
  const error = name === "AggregateError" ? new AggregateError([]) : new kind();
  Error.stackTraceLimit = limit;
  return error;
}
