// Rooms stay small: files, functions and lines. Goals are printed, limits fail.

import { describe, it } from "vitest";
import { expectNone } from "./offences.js";
import { listAllSources, listPackages, listPaths, listSources, readSource } from "./repository.js";
import { measureFiles, measureFunctions, sizeLimits } from "./sizes.js";

describe("files", () => {
  it("are not longer than the limit", () => {
    const long = listAllSources()
      .filter((file) => file.lineCount > sizeLimits.fileLines)
      .map((file) => `${file.path}: ${file.lineCount} lines`);
    expectNone(long, `Split files of more than ${sizeLimits.fileLines} lines by what they hold:`);
  });

  it("are small in the median of each package", () => {
    const sizes = listPackages().map((package_) =>
      measureFiles(package_, listSources(package_.folder)),
    );
    const rows = sizes.map(({ name, files, median, p90, max }) => {
      const notes = [
        median > sizeLimits.medianFileLinesGoal ? `median > ${sizeLimits.medianFileLinesGoal}` : "",
        p90 > sizeLimits.p90FileLinesGoal ? `p90 > ${sizeLimits.p90FileLinesGoal}` : "",
      ].filter(Boolean);
      const columns = [files, median, p90, max].map((value) => String(value).padStart(7)).join("");
      return `  ${name.padEnd(12)}${columns}  ${notes.join(", ")}`;
    });
    console.info(
      `Lines per file:\n  ${"".padEnd(12)}  files median    p90    max\n${rows.join("\n")}`,
    );
    const large = sizes
      .filter(({ median }) => median > sizeLimits.medianFileLines)
      .map(({ name, median }) => `${name}: ${median} lines in the median`);
    expectNone(large, "The rooms of these packages have grown too large:");
  });

  it("have no line longer than the limit", () => {
    const sources = listPaths().filter((path) => /\.(?:[cm]?[jt]s|py|sh|ya?ml)$/.test(path));
    const offences = sources
      .filter((path) => !path.startsWith("pnpm-lock"))
      .map(readSource)
      .filter((file) => !file.isFixture)
      .flatMap(({ path, text }) =>
        text
          .split("\n")
          .flatMap((line, index) =>
            line.length > sizeLimits.lineLength ? [`${path}:${index + 1}: ${line.length}`] : [],
          ),
      );
    expectNone(offences, `Lines are longer than ${sizeLimits.lineLength} columns:`);
  });
});

it("functions fit on a screen", () => {
  const offences: string[] = [];
  const long: string[] = [];
  for (const { path, isTest } of listAllSources()) {
    if (isTest) continue;
    const functions = measureFunctions(path);
    if (functions === undefined) offences.push(`${path}: is not built, run the build first`);
    for (const { place, lines } of functions ?? []) {
      if (lines > sizeLimits.functionLines) offences.push(`${place}: ${lines} lines`);
      else if (lines > sizeLimits.functionLinesGoal) long.push(`  ${place}: ${lines}`);
    }
  }
  if (long.length > 0) {
    console.info(
      `Functions of more than ${sizeLimits.functionLinesGoal} lines:\n${long.sort().join("\n")}`,
    );
  }
  expectNone(offences, `Functions have more than ${sizeLimits.functionLines} lines:`);
});
