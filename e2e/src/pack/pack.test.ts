// Goal: what we publish works for someone who has nothing else of ours. Method: pack every package,
// look into the tarballs, install only them into an empty folder, import each, ask each command.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SkippableContext, skipWithReason } from "../skip-with-reason.js";
import { expectNone } from "../tidy/offences.js";
import { readManifest, repositoryRoot } from "../tidy/repository.js";
import {
  installTarballs,
  isNetworkFailure,
  listTarball,
  packAll,
  packedManifest,
  publishablePackages,
} from "./tarballs.js";

const packages = publishablePackages();
let tarballs: ReadonlyMap<string, string>;
let folder: string;
let installed: string;
/** What went wrong; undefined when all is well. */
let packing: unknown;
let installation: unknown;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "acme-pack-"));
  installed = join(folder, "installed");
  try {
    tarballs = await packAll(packages, join(folder, "tarballs"));
  } catch (error) {
    packing = error;
    return;
  }
  installation = await installTarballs(installed, [...tarballs.values()]).catch((error) => error);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Without a registry there is nothing to run pnpm or to install from; all else is a failure. */
function requireSuccess(context: SkippableContext, ...outcomes: unknown[]): void {
  const failure = outcomes.find((outcome) => outcome !== undefined);
  if (failure === undefined) return;
  if (!isNetworkFailure(failure)) throw failure;
  skipWithReason(context, "no package registry can be reached", failure);
}

it("there is something to publish", () => {
  expect(packages.map((package_) => package_.manifest.name)).toContain("@acme/client");
});

describe.each(packages.map(({ manifest, folder: home }) => [manifest.name, home] as const))(
  "the tarball of %s",
  (name, home) => {
    it("holds the build, the licence, and nothing of the workshop", async (context) => {
      requireSuccess(context, packing);
      const paths = await listTarball(tarballs.get(name)!);
      const entries = Object.values(readManifest(home).exports ?? {}).flatMap((entry) =>
        typeof entry === "string" ? [entry] : [entry.types ?? "", entry.default ?? ""],
      );
      for (const needed of ["LICENSE", ...entries.map((path) => path.slice("./".length))]) {
        expect(paths).toContain(needed);
      }
      const workshop = /\.test\.|(?:^|\/)(?:fixtures|scenarios|src)\/|tsbuildinfo|vitest/;
      expectNone(
        paths.filter((path) => workshop.test(path)),
        `These files do not belong into ${name}:`,
      );
      const stale = paths.filter((path) => {
        const source = /^dist\/(.*)\.d\.ts$/.exec(path)?.[1];
        return source && !existsSync(join(repositoryRoot, home, "src", `${source}.ts`));
      });
      expectNone(stale, `Left from older builds; remove ${home}/dist and build again:`);
    });

    it("names versions that exist outside of this repository", async (context) => {
      requireSuccess(context, packing);
      const manifest = await packedManifest(tarballs.get(name)!);
      const ranges = Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies });
      expectNone(
        ranges.filter(([, range]) => /^(?:workspace|catalog|file|link):/.test(range)).map(String),
        `Dependencies of ${name} that nobody else can install:`,
      );
    });
  },
);

it("the scheduler's tarball holds the status page", async (context) => {
  requireSuccess(context, packing);
  const paths = await listTarball(tarballs.get("@acme/scheduler")!);
  for (const suffix of ["html", "css", "js"]) expect(paths).toContain(`page/status.${suffix}`);
});

describe("installed from the tarballs alone", () => {
  it("our packages come from the tarballs, each once", (context) => {
    requireSuccess(context, packing, installation);
    const lock = JSON.parse(readFileSync(join(installed, "package-lock.json"), "utf8"));
    const ours = Object.entries<{ resolved?: string }>(lock.packages).filter(([path]) =>
      path.includes("node_modules/@acme/"),
    );
    expect(ours.map(([path]) => path).sort()).toEqual(
      packages.map(({ manifest }) => `node_modules/${manifest.name}`).sort(),
    );
    for (const [path, { resolved }] of ours) expect(resolved, path).toMatch(/^file:/);
  });

  const names = packages.flatMap(({ manifest }) =>
    Object.entries(manifest.exports ?? {}).flatMap(([subpath, entry]) =>
      // Without a source for others to read, it is a program.
      typeof entry === "object" && entry["@acme/source"] !== undefined
        ? [`${manifest.name}${subpath.slice(1)}`]
        : [],
    ),
  );
  it.for(names)("%s can be imported", async (name, context) => {
    requireSuccess(context, packing, installation);
    const program = `
      const found = await import("${name}");
      console.log(JSON.stringify({ names: Object.keys(found), at: import.meta.resolve("${name}") }));
    `;
    const { stdout } = await execa(process.execPath, ["--input-type=module", "--eval", program], {
      cwd: installed,
    });
    const found = JSON.parse(stdout) as { names: string[]; at: string };
    expect(found.at).toContain("/installed/node_modules/@acme/");
    expect(found.names.length).toBeGreaterThan(0);
  });

  const commands = packages.flatMap(({ manifest }) => Object.keys(manifest.bin ?? {}));
  it.for(commands)("%s answers --help", async (command, context) => {
    requireSuccess(context, packing, installation);
    const { stdout } = await execa(join(installed, "node_modules/.bin", command), ["--help"], {
      cwd: installed,
      timeout: 30_000,
    });
    expect(stdout).toContain("Usage");
    expect(stdout).toContain(command);
  });

  it("acme map makes a map of a function, and acme results tells of it", async (context) => {
    requireSuccess(context, packing, installation);
    writeFileSync(join(installed, "analysis.mjs"), "export const double = (x) => 2 * x;\n");
    const acme = (...words: string[]) =>
      execa(join(installed, "node_modules/.bin/acme"), words, {
        cwd: installed,
        timeout: 60_000,
        env: { ACME_HOME: join(folder, "home") },
      });
    const memory = ["--output", "memory", "--quiet"];
    const values = await acme("map", "./analysis.mjs#double", "-i", "0:4", "-w", "1", ...memory);
    expect(values.stdout).toBe("0\n2\n4\n6");
    await acme("map", "./analysis.mjs#double", "-i", "0:4", "-w", "1", "-o", "out", "--quiet");
    const { stderr } = await acme("results", "out", "--verify");
    expect(stderr).toMatch(/done +4 \(100 %\)[\s\S]*verified: 4 files, 0 problems/);
  });
});
