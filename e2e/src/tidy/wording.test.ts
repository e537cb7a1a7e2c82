// Names, headers, and text that has no place here. The rules are tried on examples first, so that
// a rule that finds nothing is known to be able to find something.

import { describe, expect, it } from "vitest";
import { readModuleSyntax } from "./module-syntax.js";
import { expectNone } from "./offences.js";
import { listAllSources, listPaths, readSource } from "./repository.js";
import { findCodecs, findForeignText, findSkips, judgeHeader, judgeName } from "./wording.js";

/** Where message codecs may be made; the settings of any other would corrupt data silently. */
const codecOwners =
  /^packages\/(?:protocol\/src\/(?:msgpack|wire-codec\.test)|serialize\/src\/values)/;

/** The one file through which tests may be left out, with a reason. */
const skipOwner = "e2e/src/skip-with-reason.ts";

const sources = listAllSources();

describe("file names", () => {
  it("are judged", () => {
    expect(judgeName("packages/a/src/wire-codec.test.ts")).toBeUndefined();
    expect(judgeName("packages/a/src/wireCodec.ts")).toMatch(/kebab/);
    expect(judgeName("packages/a/src/string-utils.ts")).toMatch(/says nothing/);
    expect(judgeName("packages/a/src/common/x.ts")).toMatch(/says nothing/);
  });

  it("are kebab-case and say what is inside", () => {
    const paths = listPaths().filter((path) =>
      /^(?:packages|examples)\/.*\/src\/|^e2e\/(?:src|bench|conformance)\//.test(path),
    );
    const offences = paths
      .filter((path) => !readSource(path).isFixture)
      .flatMap((path) => {
        const fault = judgeName(path);
        return fault === undefined ? [] : [`${path}: ${fault}`];
      });
    expectNone(offences, "Rename these files for what they hold:");
  });
});

describe("headers", () => {
  it("are judged", () => {
    expect(judgeHeader("// A.\n// B.\n\ncode", 2)).toBeUndefined();
    expect(judgeHeader("#!/usr/bin/env node\n// A.\n// B.\n", 2)).toBeUndefined();
    expect(judgeHeader("// A.\n\ncode", 2)).toMatch(/1 lines/);
    expect(judgeHeader("import x;", 1)).toMatch(/0 lines/);
    expect(judgeHeader("// a\n".repeat(6), 2)).toMatch(/6 lines/);
  });

  it("say what each file is for and what it must not know", () => {
    const offences = sources.flatMap(({ path, text, isTest }) => {
      const short = isTest || /\/index\.ts$/.test(path);
      const fault = judgeHeader(text, short ? 1 : 2);
      return fault === undefined ? [] : [`${path}: ${fault}`];
    });
    expectNone(offences, "Every file opens with 2 to 5 lines of // (index and tests: 1 to 5):");
  });
});

it("nothing is exported as default", () => {
  const offences = sources.flatMap(({ path, text }) =>
    readModuleSyntax(text)
      .exports.filter((entry) => entry.name === "default")
      .map((entry) => `${path}:${entry.line}`),
  );
  expectNone(offences, "Exports have names:");
});

describe("message codecs", () => {
  it("are found", () => {
    expect(findCodecs("a;\nnew Packr({}); new Unpackr()")).toEqual([2, 2]);
    expect(findCodecs("// new Packr()\n'new Packr()'; new TextEncoder()")).toEqual([]);
  });

  it("are made by their two owners alone", () => {
    const offences = sources
      .filter(({ path }) => !codecOwners.test(path))
      .flatMap(({ path, text }) => findCodecs(text).map((line) => `${path}:${line}`));
    expectNone(offences, "Use wireCodec or valueCodec; a codec of other settings loses data:");
  });
});

describe("tests", () => {
  it("that are left out are found", () => {
    const examples = ["it.skip('x')", "describe.only('x')", "it.concurrent.todo('x')"];
    for (const text of [...examples, "xit('x')", "test.skipIf(a)('x')", "context.skip()"]) {
      expect(findSkips(text), text).toHaveLength(1);
    }
    expect(findSkips("reader.skip(4); it.each([1])('x'); '.skip('")).toEqual([]);
  });

  it("all run", () => {
    const offences = sources
      .filter(({ path }) => path !== skipOwner)
      .flatMap(({ path, text }) =>
        findSkips(text).map(({ line, what }) => `${path}:${line}: ${what}`),
      );
    expectNone(offences, `Tests are never left out, except through ${skipOwner}:`);
  });
});

describe("foreign text", () => {
  it("is found", () => {
    // Put together here, for the same reason as in the rule.
    const examples = [
      ["/wor", "k/main/x"],
      ["../sha", "red/spec"],
      ["/ro", "ot/.cache"],
      ["/ho", "me/someone/x"],
      ["registry.", "npmjs.org"],
      ["see iss", "ue #12"],
      ["// TO", "DO: x"],
    ];
    for (const parts of examples) {
      expect(findForeignText(parts.join("")), parts.join("")).toHaveLength(1);
    }
    expect(findForeignText("/home/ada/x, $HOME/x, https://docs.dask.org, an issue")).toEqual([]);
  });

  it("is nowhere", () => {
    const text = /\.(?:[cm]?[jt]s|json|md|py|sh|ya?ml|txt|html|css)$|(?:^|\/)[^.]+$|^\.ci\//;
    const offences = listPaths()
      .filter((path) => text.test(path))
      .flatMap((path) =>
        findForeignText(readSource(path).text).map(({ line, what }) => `${path}:${line}: ${what}`),
      );
    expectNone(offences, "These lines speak of one machine or one day:");
  });
});
