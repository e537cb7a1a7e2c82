// Every flag of `dask scheduler` is known by its name: followed, or refused with a reason.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { command, type Flags, optionsOf } from "./cli-flags.js";

const dasksFlags = readFileSync(
  new URL("./fixtures/dask-scheduler-flags.txt", import.meta.url),
  "utf8",
)
  .split("\n")
  .filter((line) => line.startsWith("--"));

const parse = (...args: string[]): Flags =>
  command()
    .configureOutput({ writeErr: () => {}, writeOut: () => {} })
    .parse(args, { from: "user" })
    .opts<Flags>();

it("knows every flag of dask's command", () => {
  const known = command().options.map((option) => option.long);
  expect(dasksFlags.length).toBe(22);
  expect(dasksFlags.filter((flag) => flag !== "--help" && !known.includes(flag))).toEqual([]);
});

it.each([
  ["--jupyter"],
  ["--preload", "x.py"],
  ["--dashboard-prefix", "/x"],
  ["--use-xheaders", "true"],
])("refuses %s by name", (...args) => {
  expect(() => parse(...args)).toThrow(new RegExp(`^${args[0]} belongs to Python`));
});

it("accepts what asks for nothing", () => {
  parse("--no-jupyter", "--no-show", "--show", "--use-xheaders", "False");
});

it("refuses unknown flags and arguments", () => {
  expect(() => parse("--prot", "tcp")).toThrow(/unknown option/);
  expect(() => parse("worker.py")).toThrow(/unexpected "worker.py"/);
});

it("names the flag of a value that cannot be read", () => {
  const options =
    (...args: string[]) =>
    () =>
      optionsOf(parse(...args));
  expect(options("--idle-timeout", "soon")).toThrow(/^--idle-timeout: "soon"/);
  expect(options("--dashboard-address", "here")).toThrow(/^--dashboard-address: "here"/);
  expect(options("--port", "x")).toThrow(/^--port/);
  expect(options("--interface", "nope0")).toThrow(/nope0/);
  expect(options("--tls-key", "k.pem")).toThrow(/--tls-ca-file/);
});

it("turns flags into options", () => {
  expect(optionsOf(parse("--port", "0", "--no-dashboard", "--idle-timeout", "2h"))).toMatchObject({
    listen: ["tls://127.0.0.1:0"],
    httpAddress: null,
    idleTimeoutMs: 7_200_000,
    logLevel: "info",
  });
});

it("speaks plaintext only when it is told so", () => {
  const listen = (...args: string[]) => optionsOf(parse("--port", "0", ...args)).listen;
  expect(listen("--insecure")).toEqual(["tcp://127.0.0.1:0"]);
  expect(listen("--insecure", "--host", "0.0.0.0")).toEqual(["tcp://0.0.0.0:0"]);
  for (const plain of [
    ["--protocol", "tcp"],
    ["--protocol", "ws"],
    ["--host", "tcp://0.0.0.0"],
  ]) {
    expect(() => listen(...plain)).toThrow(/is not encrypted.*--insecure/);
  }
  const both = ["--protocol", "tls,tcp", "--port", "0,0", "--insecure"];
  expect(listen(...both)).toEqual(["tls://127.0.0.1:0", "tcp://127.0.0.1:0"]);
});
