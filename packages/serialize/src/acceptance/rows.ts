// The table of functions that must travel, or must be refused: one row per kind of function, one
// case per variant, by the names the fixtures give them. Loaders are expected to agree; where one
// differs, the reason stands beside it. Only data: nothing here runs.

/** Ways to run the program that packs. */
export type Loader = "plain" | "tsx" | "esm" | "commonjs" | "tsx-commonjs" | "stripped" | "vitest";

/** What must come of one case. `<root>` and `<ext>` stand for the loader's folder and files. */
export type Outcome =
  | { readonly kind: "reference"; readonly where: string; readonly value: unknown }
  | { readonly kind: "builtin"; readonly where: string; readonly value: unknown }
  | {
      readonly kind: "value";
      readonly value: unknown;
      readonly warnings?: readonly string[];
      readonly atMostBytes?: number;
    }
  /** A function that throws: its stack names the place of this text in this file. */
  | { readonly kind: "value"; readonly thrownAt: readonly [file: string, text: string] }
  /** Refused with this code and a message that has these words. */
  | { readonly code: string; readonly says: string };

export interface Case {
  readonly args?: readonly unknown[];
  readonly expect: Outcome;
  /** Why it is not what the other cases of its row lead to expect, under any loader. */
  readonly because?: string;
  readonly except?: Partial<Record<Loader, { readonly expect: Outcome; readonly because: string }>>;
}

export interface Row {
  readonly number: number;
  readonly title: string;
  readonly cases: Readonly<Record<string, Case>>;
  /** The test file of a row that needs surroundings of its own rather than cases. */
  readonly apart?: string;
}

function row(number: number, title: string, cases: Row["cases"]): Row {
  const named = Object.entries(cases).map(([name, one]) => [`${number} ${name}`, one] as const);
  return { number, title, cases: Object.fromEntries(named) };
}

/** A row that is more than functions to pack. */
function apart(number: number, title: string): Row {
  return { number, title, cases: {}, apart: "surroundings.test.ts" };
}

const R = (where: string, value: unknown): Outcome => ({
  kind: "reference",
  where: `<root>/${where.replace(" ", ".<ext> ")}`,
  value,
});
const G = (where: string, value: unknown): Outcome => ({ kind: "builtin", where, value });
const V = (value: unknown, ...warnings: string[]): Outcome => ({ kind: "value", value, warnings });
const E = (code: string, says: string): Outcome => ({ code, says });

export const rows: readonly Row[] = [
  row(1, "exported function of another module", {
    declared: { args: [1], expect: R("exported declared", 2) },
  }),
  row(2, "exported arrow function", { arrow: { args: [1], expect: R("exported arrow", 3) } }),
  row(3, "default export, also anonymous", {
    named: { args: [1], expect: R("exported default", 4) },
    anonymous: { expect: R("anonymous default", "anonymous") },
  }),
  row(4, "export { inner as renamed }", {
    renamed: { args: [2], expect: R("exported renamed", 200) },
  }),
  row(5, "export through a barrel names the defining module", {
    barrel: { args: [1], expect: R("exported declared", 2) },
    "star barrel": { args: [4], expect: R("exported arrow", 6) },
  }),
  row(6, "static method, reading a private static", {
    static: { args: [1], expect: R("exported C run", 6) },
    "static arrow": { args: [2], expect: R("exported C arrow", 14) },
  }),
  row(7, "method of an exported object", {
    "method of table": { args: [1], expect: R("exported table deep", 0) },
  }),
  row(8, "ns.f of import * as ns", {
    "of namespace": { args: [1], expect: R("exported arrow", 3) },
  }),
  row(9, "function that its module does not export", { hidden: { args: [2], expect: V(6) } }),
  row(10, "closure of an exported factory, beside a default export", {
    made: { args: [1], expect: V(2) },
    nested: { args: [1], expect: V(21) },
    "default parameter": { args: [1], expect: V(6) },
    "of a constructor": { args: [1], expect: V(7) },
    field: { args: [1], expect: V(8) },
  }),
  row(11, "exports.f and module.exports of CommonJS", {
    "exports.f": {
      args: [4],
      expect: { kind: "reference", where: "<root>/common.cjs task", value: 8 },
      except: { vitest: { expect: V(8), because: "vite keeps CommonJS modules out of require" } },
    },
    "module.exports": {
      args: [4],
      expect: { kind: "reference", where: "<root>/single.cjs", value: 14 },
      except: { vitest: { expect: V(14), because: "vite keeps CommonJS modules out of require" } },
    },
  }),
  row(12, "closure of CommonJS with names it requires", {
    hidden: { args: ["/a/b"], expect: V(["b", "/", 11]) },
  }),
  row(13, "function of the main module", {
    main: { args: [2], expect: V(42) },
    "exported by main": { args: [2], expect: V(43) },
  }),
  row(14, "inline arrow, without and with captured constants", {
    pure: { args: [4], expect: V(8) },
    captured: { args: [1], expect: V(7) },
    "beside a live export": { args: [2], expect: V(11) },
  }),
  row(15, "async function, generator, async generator", {
    async: { args: [1], expect: V(2) },
    generator: { args: [1], expect: V([1, 2]) },
    "async generator": { args: [1], expect: V([1, 2]) },
  }),
  row(16, "mutual recursion, named function expression", {
    mutual: { args: [7], expect: V(false) },
    "named expression": { args: [5], expect: V(120) },
  }),
  row(17, "captured variable that is assigned", { assigned: { expect: V(11, "ASSIGNS_CAPTURE") } }),
  row(18, "captured typed array, view, Buffer: only the bytes seen", {
    view: { expect: { kind: "value", value: [4, true, 1, 2, 3, 4], atMostBytes: 1000 } },
    floats: { expect: V([1.5, true, true]) },
    buffer: { expect: { kind: "value", value: [true, "acme"], atMostBytes: 1000 } },
    "data view": { expect: { kind: "value", value: [4, 1], atMostBytes: 1000 } },
  }),
  row(19, "captured cyclic object with Date, RegExp, Map, Set", {
    cyclic: { expect: V([true, 5, "gi", true, true, true]) },
  }),
  row(20, "captured object without prototype, error with a cause", {
    "null prototype": { expect: V([true, 1]) },
    error: { expect: V([true, "outer", true, "inner"]) },
  }),
  row(21, "captured class with extends, super, getter, static", {
    class: { args: [2], expect: V(["base 2m", 4, true]) },
  }),
  row(22, "captured instance of such a class", {
    instance: { expect: V(["base 7m", 14, true, true]) },
  }),
  row(23, "captured class with a private field", {
    private: { args: [3], expect: V([3, true, false]) },
  }),
  row(24, "captured instance with private state", {
    instance: { expect: E("PRIVATE_STATE", "Secret") },
  }),
  row(25, "arrow inside a method that uses a private name", {
    reads: { expect: E("PRIVATE_SCOPE", "#x") },
    asks: { expect: E("PRIVATE_SCOPE", "#x") },
    this: { expect: E("PRIVATE_SCOPE", "#x") },
  }),
  row(26, "class as the task", { class: { expect: E("NOT_CALLABLE", "new Owner(") } }),
  row(27, "imports of node's own modules", {
    namespace: { expect: V("b") },
    named: { expect: V(["function", "c"]) },
    default: { expect: V("function") },
  }),
  row(28, "import of a package; one instance of it per worker", {
    package: { expect: V(1) },
    "same package": { expect: V(2) },
    dual: {
      expect: V("import"),
      except: {
        commonjs: { expect: V("require"), because: "compiled imports are require calls" },
        "tsx-commonjs": { expect: V("require"), because: "compiled imports are require calls" },
      },
    },
  }),
  row(29, "constant made by promisify", {
    promisified: { args: ["/dev/null"], expect: V(false, "RECREATED_CONST") },
  }),
  row(30, "functions every process has, also by another name", {
    alias: { args: [[]], expect: G("Array.isArray", true) },
    Math: { args: [9], expect: G("Math.sqrt", 3) },
    JSON: { args: [{ a: 1 }], expect: G("JSON.stringify", '{"a":1}') },
    "alias inside": { args: [[]], expect: V(true) },
  }),
  row(31, "import.meta.url and dirname, __filename and __dirname", {
    url: { expect: V("<root>/meta.<ext>") },
    dirname: { expect: V(["<path>", "<path>/meta.<ext>"]) },
  }),
  row(32, "import() of a relative module and of a package", {
    relative: { expect: V(2) },
    package: { expect: V(true) },
  }),
  row(33, "require made by createRequire; require of CommonJS", {
    createRequire: { expect: V([11, "function"], "RECREATED_CONST") },
    "require inside": { expect: V([12, "common.cjs"]) },
  }),
  row(34, "methods: shorthand, async, generators, computed, quoted", {
    shorthand: { args: [1], expect: V(2) },
    async: { args: [1], expect: V(2) },
    generator: { args: [2], expect: V([2, 1]) },
    "async generator": { args: [2], expect: V([2, 1]) },
    computed: { args: [1], expect: V(11) },
    quoted: { args: [1], expect: V(101) },
  }),
  row(35, "getter and setter functions", {
    getter: { expect: E("ACCESSOR", "property get") },
    setter: { expect: E("ACCESSOR", "property set") },
    "class getter": { expect: E("ACCESSOR", "property get") },
  }),
  row(36, "function with properties of its own", { properties: { args: [2], expect: V(6) } }),
  row(37, "bound functions", {
    bound: { args: [2, 3], expect: V([1, 2, 3]) },
    "bound twice": { args: [3], expect: V([1, 2, 3]) },
  }),
  row(38, "block, catch and shadowed scopes, defaults, destructuring, rest, arguments", {
    scopes: { args: [5, { z: 1 }, 7, 8], expect: V([9, 2, "caught", 5, 6, ["z"], [7, 8], 4]) },
    "outer of shadowed": { expect: V(1) },
  }),
  row(39, "arrow using the 'this' around it", {
    "method's arrow": { expect: E("LEXICAL_THIS", "'this'") },
    "top level": {
      expect: E("LEXICAL_THIS", "'this'"),
      except: {
        tsx: { expect: V(null), because: "esbuild writes undefined for 'this' at the top" },
        "tsx-commonjs": {
          expect: V(null),
          because: "esbuild writes undefined for 'this' at the top",
        },
      },
    },
  }),
  row(40, "method using super", { super: { expect: E("SUPER", "'super'") } }),
  row(41, "method using 'this'", { this: { expect: V("no this", "USES_THIS") } }),
  row(42, "typeof of an undeclared name", { typeof: { expect: V("undefined") } }),
  row(43, "undeclared name", { undeclared: { expect: E("UNRESOLVED", "'undeclaredName'") } }),
  row(44, "global variable of the program", {
    "user global": { expect: E("USER_GLOBAL", "'userGlobal'") },
  }),
  row(45, "direct eval", { eval: { expect: E("EVAL", "eval()") } }),
  row(46, "captured live objects", {
    emitter: { expect: E("LIVE_OBJECT", "EventEmitter") },
    socket: { expect: E("LIVE_OBJECT", "captured variable 'config' -> .pools[0].socket") },
    stream: { expect: E("LIVE_OBJECT", "Readable") },
    handle: { expect: E("LIVE_OBJECT", "Server") },
    timer: { expect: E("LIVE_OBJECT", "Timeout") },
  }),
  row(47, "captured values that belong to one process", {
    promise: { expect: E("LIVE_OBJECT", "Promise") },
    WeakMap: { expect: E("LIVE_OBJECT", "weak collection") },
    WeakRef: { expect: E("LIVE_OBJECT", "weak reference") },
    symbol: { expect: E("UNIQUE_SYMBOL", "unique") },
    proxy: { expect: E("PROXY", "Proxy") },
    generator: { expect: E("LIVE_OBJECT", "enerator") },
    "shared memory": {
      expect: V(["ArrayBuffer", 8]),
      because: "workers keep values in shared memory, so data over it must travel, as a copy",
    },
  }),
  row(48, "Proxy as the function", { proxy: { expect: E("PROXY", "Proxy") } }),
  row(49, "function made by new Function", { "new Function": { args: [1], expect: V(2) } }),
  row(50, "whole namespace captured", {
    namespace: { expect: V([true, 3]) },
    "builtin namespace": { expect: V(true) },
  }),
  row(51, "variable that is not initialised yet", {
    const: { expect: E("NOT_INITIALISED", "'late'") },
    let: { expect: E("NOT_INITIALISED", "'late'") },
    class: { expect: E("NOT_INITIALISED", "'Late'") },
  }),
  apart(52, "same function packed by two processes has the same hash"),
  row(53, "error of a function that went by value", {
    thrown: {
      args: [1],
      expect: { kind: "value", thrownAt: ["syntax", 'new RangeError("row 53")'] },
    },
  }),
  row(54, "named functions and classes inside", {
    "named inside": { args: [1], expect: V([4, "inner", "arrow", "Local"]) },
  }),
  apart(55, "file changed after the packing process loaded it"),
  apart(56, "module that the loading host does not have"),
  apart(57, "TypeScript with an enum, with and without tsx on the worker"),
  row(58, "captured data: a remark beyond 1 MiB, refused beyond 64 MiB", {
    warned: { expect: V(2 * 1024 * 1024, "LARGE_CAPTURE") },
    refused: { expect: E("CAPTURE_SIZE", "68.7 MiB") },
  }),
  apart(59, "under the test runner, --inspect, coverage, in a worker thread, as at a prompt"),
  apart(60, "without an inspector: the permission model"),
];

/** What a case must come to under a loader, with the reason if that is not what others do. */
export function expectation(one: Case, loader: Loader): { expect: Outcome; because?: string } {
  const { expect, because } = one;
  return one.except?.[loader] ?? (because === undefined ? { expect } : { expect, because });
}
