// The table of overheads in docs/python.md, made of the record alone and put between its two marks.
// Measures nothing.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Figure, figures, type Measured } from "./figures.js";

const path = fileURLToPath(new URL("../../../../docs/python.md", import.meta.url));
const start = "<!-- overheads: made by its command -->\n";
const end = "<!-- end of overheads -->";

/** Writes the table into the page. */
export function writeTable(found: readonly Measured[]): void {
  const page = readFileSync(path, "utf8");
  const from = page.indexOf(start);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${path} has lost the marks of its table`);
  const before = page.slice(0, from + start.length);
  writeFileSync(path, `${before}\n${tableOf(found)}\n${page.slice(to)}`);
}

/** A row per case; a cell has dask's figure, ours, and how many times better ours is. */
export function tableOf(found: readonly Measured[]): string {
  const shown = figures.filter(({ column }) => column !== undefined);
  const rows = [...found].sort(byPart).map((one) => {
    const cells = shown.map((figure) => cellOf(figure, one));
    return `| ${[one.name, ...cells].join(" | ")} |`;
  });
  const head = `| | ${shown.map(({ column }) => column).join(" | ")} |`;
  const line = `| --- | ${shown.map(() => "---").join(" | ")} |`;
  return `${[head, line, ...rows].join("\n")}\n`;
}

const byPart = (a: Measured, b: Measured): number =>
  a.part.localeCompare(b.part) || a.name.localeCompare(b.name, "en", { numeric: true });

function cellOf({ of, isRate }: Figure, { dask, acme }: Measured): string {
  const [theirs, ours] = [of(dask), of(acme)];
  if (theirs === undefined || ours === undefined) return "";
  const times = isRate ? ours / theirs : theirs / ours;
  return `${rounded(theirs)} → ${rounded(ours)} (**${times.toFixed(1)}×**)`;
}

const rounded = (value: number): string =>
  Number(value.toPrecision(3)).toLocaleString("en", { maximumFractionDigits: 2 });
