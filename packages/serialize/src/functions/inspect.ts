// Asks V8 about a function of this very process: where it is, which variables it captured, what
// a bound function is bound to. The debugger is on only inside one synchronous block per unknown
// script, because it slows every await several times while it is on.

import type inspector from "node:inspector";
import { builtinModule } from "../modules/builtin-module.js";
import { FunctionShipError } from "../ship-error.js";
import { scriptText } from "./code-place.js";

/** One scope of a function, innermost first; the object holds live values. */
export interface FunctionScope {
  /** V8's word, such as `Closure (make)`, `Block`, `Module`, `Script` or `Global`. */
  readonly kind: string;
  readonly variables: Record<string, unknown>;
}

/** What V8 knows about a function. */
export interface Inspected {
  /** Position of the parameter list or the class keyword; undefined for native code. */
  readonly position: { scriptId: string; line: number; column: number } | undefined;
  readonly scopes: readonly FunctionScope[];
  readonly bound: { target: object; self: unknown; args: readonly unknown[] } | undefined;
}

/** A script as V8 runs it: always JavaScript, whatever it was written in. */
export interface LoadedScript {
  readonly id: string;
  readonly url: string;
  readonly isModule: boolean;
  readonly source: string;
  readonly sourceMapUrl: string;
}

interface RemoteObject {
  readonly objectId?: string;
  readonly value?: unknown;
  readonly description?: string;
  readonly unserializableValue?: string;
}

interface RemoteProperty {
  readonly name: string;
  readonly value?: RemoteObject;
}

interface RawScope {
  readonly description?: string;
  readonly object?: Record<string, unknown>;
}

interface RemoteProperties {
  readonly internalProperties?: readonly RemoteProperty[];
}

interface ParsedScript {
  readonly scriptId: string;
  readonly url: string;
  readonly isModule?: boolean;
  readonly sourceMapURL?: string;
}

const slot = Symbol.for("acme.serialize.slot");
const group = "acme.serialize";
const store = `function () { globalThis[Symbol.for("acme.serialize.slot")] = this; }`;
const announced = new Map<string, ParsedScript>();
const scripts = new Map<string, LoadedScript>();
let session: inspector.Session | undefined;

/** Looks at a function. Synchronous; about 0.1 ms. */
export function inspectFunction(target: object): Inspected {
  const held = globalThis as unknown as Record<symbol, unknown>;
  try {
    held[slot] = target;
    const expression = `globalThis[Symbol.for("acme.serialize.slot")]`;
    const handle = post<{ result: RemoteObject }>("Runtime.evaluate", {
      expression,
      objectGroup: group,
    }).result;
    const internal = properties(handle).internalProperties ?? [];
    const find = (name: string) => internal.find((property) => property.name === name)?.value;
    return {
      position: position(find("[[FunctionLocation]]")),
      scopes: readScopes(find("[[Scopes]]")),
      bound: readBound(find),
    };
  } finally {
    delete held[slot];
    if (session !== undefined) post("Runtime.releaseObjectGroup", { objectGroup: group });
  }
}

/**
 * The script a function is in. The first unknown script costs tens of milliseconds, as do scripts
 * that were loaded after it.
 */
export function loadedScript(id: string, fn: object): LoadedScript {
  const known = scripts.get(id);
  if (known !== undefined) return known;
  const source = announced.has(id) ? scriptText(fn) : undefined;
  if (source !== undefined) return keep(id, source);
  post("Debugger.enable", {});
  try {
    const { scriptSource } = post<{ scriptSource: string }>("Debugger.getScriptSource", {
      scriptId: id,
    });
    return keep(id, scriptSource);
  } finally {
    post("Debugger.disable", {});
  }
}

function keep(id: string, source: string): LoadedScript {
  const { url = "", isModule = false, sourceMapURL = "" } = announced.get(id) ?? {};
  const script = { id, url, isModule, source, sourceMapUrl: sourceMapURL };
  scripts.set(id, script);
  return script;
}

/** Whether a function of this process was looked at; the first one costs far more than others. */
export const hasInspected = (): boolean => session !== undefined;

function connect(): inspector.Session {
  let opened: inspector.Session;
  try {
    // Loaded only now: runtimes without it must still be able to load functions and values.
    const { Session } = builtinModule("node:inspector") as typeof inspector;
    opened = new Session();
    opened.connect();
  } catch (cause) {
    throw new FunctionShipError("NO_INSPECTOR", {
      what: "functions cannot be examined here: this runtime does not offer node:inspector",
      hint:
        "name the function instead: importFunction(new URL('./tasks.js', import.meta.url), " +
        "'name'); under --permission that is the only way",
      cause,
    });
  }
  const listen = opened as unknown as {
    on(event: string, listener: (message: { params: ParsedScript }) => void): void;
  };
  listen.on("Debugger.scriptParsed", ({ params }) => announced.set(params.scriptId, params));
  return opened;
}

// Commands of a session on its own thread are answered before `post` returns.
function post<T>(method: string, parameters: object): T {
  session ??= connect();
  let failure: Error | null = null;
  let answer: object | undefined;
  const sender = session as unknown as {
    post(m: string, p: object, done: (error: Error | null, result?: object) => void): void;
  };
  sender.post(method, parameters, (error, result) => {
    failure = error;
    answer = result;
  });
  if (failure !== null) throw failure;
  return answer as T;
}

function properties({ objectId }: RemoteObject): RemoteProperties {
  return post<RemoteProperties>("Runtime.getProperties", { objectId, ownProperties: true });
}

/** The real object behind a remote one, not a copy. */
function real(remote: RemoteObject | undefined): unknown {
  if (remote?.objectId === undefined) return primitive(remote);
  post("Runtime.callFunctionOn", { objectId: remote.objectId, functionDeclaration: store });
  return (globalThis as unknown as Record<symbol, unknown>)[slot];
}

function primitive(remote: RemoteObject | undefined): unknown {
  const text = remote?.unserializableValue;
  if (text === undefined) return remote?.value;
  return text.endsWith("n") ? BigInt(text.slice(0, -1)) : Number(text);
}

function position(remote: RemoteObject | undefined): Inspected["position"] {
  const at = remote?.value as
    | { scriptId: string; lineNumber: number; columnNumber: number }
    | undefined;
  if (at === undefined) return undefined;
  return { scriptId: at.scriptId, line: at.lineNumber, column: at.columnNumber };
}

function readScopes(remote: RemoteObject | undefined): FunctionScope[] {
  if (remote === undefined) return [];
  const list = Array.from(real(remote) as ArrayLike<RawScope>);
  return list.flatMap(({ description = "", object: variables }) =>
    variables === undefined ? [] : [{ kind: description, variables }],
  );
}

function readBound(find: (name: string) => RemoteObject | undefined): Inspected["bound"] {
  const target = find("[[TargetFunction]]");
  if (target === undefined) return undefined;
  const args = real(find("[[BoundArgs]]")) as ArrayLike<unknown>;
  return {
    target: real(target) as object,
    self: real(find("[[BoundThis]]")),
    args: Array.from(args ?? []),
  };
}
