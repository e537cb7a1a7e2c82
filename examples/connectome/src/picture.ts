// Draws a square matrix of correlations as an SVG heat map with names and a colour bar.
// Knows numbers and names, not where they come from.

/** What the picture shows. */
export interface Picture {
  readonly title: string;
  readonly subtitle: string;
  readonly names: readonly string[];
  /** Row-major, names by names; the diagonal is left blank. */
  readonly values: Float64Array;
  /** Where the right hemisphere begins: a thin line is drawn there. */
  readonly divideAt: number;
}

const cell = 22;
const left = 96;
const top = 150;
/** Diverging, dark blue through white to dark red; readable for colour-blind eyes. */
const colours = ["#2166ac", "#67a9cf", "#d1e5f0", "#f7f7f7", "#fddbc7", "#ef8a62", "#b2182b"];

/** @returns the text of an SVG file */
export function drawMatrix({ title, subtitle, names, values, divideAt }: Picture): string {
  const side = names.length * cell;
  const limit = largestOffDiagonal(values, names.length);
  const parts = [
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    label(left, 36, title, `font-size="20" font-weight="600"`),
    label(left, 60, subtitle, `font-size="12.5" fill="#555"`),
    ...cells(names, values, limit),
    ...axes(names),
    divider(divideAt, side),
    ...colourBar(side, limit),
  ];
  const size = `width="${left + side + 110}" height="${top + side + 40}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="Helvetica, Arial, sans-serif">
${parts.join("\n")}
</svg>
`;
}

function largestOffDiagonal(values: Float64Array, n: number): number {
  let largest = 0;
  values.forEach((value, at) => {
    if (at % (n + 1) !== 0) largest = Math.max(largest, Math.abs(value));
  });
  return largest || 1;
}

function cells(names: readonly string[], values: Float64Array, limit: number): string[] {
  return names.flatMap((row, i) =>
    names.map((column, j) => {
      const value = values[i * names.length + j]!;
      const fill = i === j ? "#e8e8e8" : colourAt(value / limit);
      const place = `x="${left + j * cell}" y="${top + i * cell}"`;
      const hint = i === j ? row : `${row} – ${column}: ${value.toFixed(3)}`;
      return `<rect ${place} width="${cell - 1}" height="${cell - 1}" fill="${fill}"><title>${hint}</title></rect>`;
    }),
  );
}

function axes(names: readonly string[]): string[] {
  return names.flatMap((name, i) => {
    const middle = i * cell + cell / 2 + 3.5;
    const x = left + middle;
    return [
      label(left - 8, top + middle, name, `font-size="11" text-anchor="end"`),
      label(x, top - 8, name, `font-size="11" transform="rotate(-60 ${x} ${top - 8})"`),
    ];
  });
}

function divider(at: number, side: number): string {
  const x = left + at * cell - 0.5;
  const y = top + at * cell - 0.5;
  return `<path d="M${x} ${top}v${side}M${left} ${y}h${side}" stroke="#333" stroke-width="1"/>`;
}

function colourBar(side: number, limit: number): string[] {
  const x = left + side + 28;
  const steps = 60;
  const height = side / steps;
  const bar = Array.from({ length: steps }, (_, i) => {
    const fill = colourAt(1 - (2 * (i + 0.5)) / steps);
    return `<rect x="${x}" y="${top + i * height}" width="16" height="${height + 0.5}" fill="${fill}"/>`;
  });
  const ticks = [1, 0.5, 0, -0.5, -1].map((tick) =>
    label(x + 22, top + ((1 - tick) / 2) * side + 4, (tick * limit).toFixed(2), `font-size="11"`),
  );
  return [...bar, ...ticks, label(x - 4, top - 10, "partial r", `font-size="11"`)];
}

/** @param level - from -1 to 1 */
function colourAt(level: number): string {
  const position = ((Math.min(Math.max(level, -1), 1) + 1) / 2) * (colours.length - 1);
  const below = Math.min(Math.floor(position), colours.length - 2);
  const share = position - below;
  const channels = [1, 3, 5].map((at) => {
    const from = Number.parseInt(colours[below]!.slice(at, at + 2), 16);
    const to = Number.parseInt(colours[below + 1]!.slice(at, at + 2), 16);
    return Math.round(from + (to - from) * share);
  });
  return `rgb(${channels.join(",")})`;
}

function label(x: number, y: number, text: string, style: string): string {
  const safe = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${x}" y="${y}" ${style}>${safe}</text>`;
}
