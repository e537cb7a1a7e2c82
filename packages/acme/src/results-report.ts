// What `acme results` says of a run, as text. Reads through the client package, and changes nothing
// unless it is asked to consolidate.
import { consolidate, describeRun, type RunDescription, verify } from "@acme/client";
import { commandLimits } from "./limits.js";
import type { MapOutcome } from "./map-command.js";
import type { ResultsFlags } from "./map-options.js";

/** @throws NoRunError; RunInUseError, ArgumentError if it cannot be consolidated */
export async function resultsCommand(
  folder: string,
  { name, json, paths, verify: verifies, consolidate: consolidates }: ResultsFlags,
  tell: (text: string) => void,
): Promise<MapOutcome> {
  if (consolidates) tell(`consolidated ${await consolidate(folder, { name })}\n`);
  const run = await describeRun(folder, { name });
  const checked = verifies ? await verify(folder, { name }) : undefined;
  const isWhole = checked?.ok ?? true;
  const exitCode = isWhole ? 0 : 1;
  if (json) {
    const { paths: _paths, ...facts } = run;
    const all = checked === undefined ? facts : { ...facts, verified: checked };
    return { lines: [JSON.stringify(all, null, 2)], exitCode };
  }
  tell(runText(run));
  if (checked !== undefined) {
    const { problems } = checked;
    const shown = problems.slice(0, commandLimits.problemsShown).map(({ text }) => `  ${text}\n`);
    const more = problems.length - shown.length;
    const all = `verified: ${checked.checked} files, ${problems.length} problems\n`;
    tell(all + shown.join("") + (more > 0 ? `  and ${more} more\n` : ""));
  }
  return { lines: paths ? run.paths : [], exitCode };
}

/** The run as a table, and its first failures. */
function runText(run: RunDescription): string {
  const { calls, done, failed, missing, bytes, container, shape } = run;
  const rows: [string, string][] = [
    ["function", run.function],
    ["begun", run.created.replace("T", " ").replace(/\.\d+Z$/, " UTC")],
    ["calls", calls === null ? "as many as came" : String(calls)],
    ["done", calls === null ? String(done) : `${done}${percent(done, calls)}`],
    ["failed", String(failed)],
    ["missing", missing === null ? "?" : String(missing)],
    ["size", sizeText(bytes)],
    ["container", container ?? "none"],
    ["result_0", shape === null ? "one per call" : shape.join(" x ")],
  ];
  const width = Math.max(...rows.map(([title]) => title.length)) + 2;
  const table = rows.map(([title, value]) => `${title.padEnd(width)}${value}\n`).join("");
  return table + failuresText(run) + adviceText(run);
}

function failuresText({ failures }: RunDescription): string {
  const { failuresShown, errorChars } = commandLimits;
  const lines = failures.slice(0, failuresShown).map(({ index, error }) => {
    const [first = ""] = error.split("\n");
    const text = first.length > errorChars ? `${first.slice(0, errorChars)}…` : first;
    return `  call ${index}: ${text}\n`;
  });
  const more = failures.length - lines.length;
  return lines.join("") + (more > 0 ? `  and ${more} more, see failures.json\n` : "");
}

function adviceText({ folder, failed, missing }: RunDescription): string {
  if (failed === 0 && (missing ?? 0) === 0) return "";
  return `to go on: acme resume ${folder}\n`;
}

const percent = (part: number, all: number): string =>
  all === 0 ? "" : ` (${Math.floor((100 * part) / all)} %)`;

function sizeText(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  let size = bytes;
  let at = 0;
  for (; size >= 1024 && at < units.length - 1; at++) size /= 1024;
  return `${at === 0 ? size : size.toFixed(1)} ${units[at]}`;
}
