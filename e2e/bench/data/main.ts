// The command of the data measurements: main.js [--sizes=1,10,100] [--repeat=5] [--only=NAME]
// [--insecure]. Prints MB/s (10^6 bytes) of each way that bytes take between a client and two
// workers, and the processor time per MB of the whole cluster.
import { type Figure, measureWays } from "./ways.js";

const words = process.argv.slice(2);
const flag = (name: string, otherwise: string): string =>
  words.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3) ?? otherwise;

const figures = measureWays({
  sizesMiB: flag("sizes", "1,10,100").split(",").map(Number),
  repetitions: Number(flag("repeat", "5")),
  only: flag("only", ""),
  encrypted: !words.includes("--insecure"),
});
for await (const figure of figures) process.stdout.write(`${inWords(figure)}\n`);

function inWords({ way, sizeMiB, megabytesPerS, cpuMsPerMegabyte }: Figure): string {
  const sorted = [...megabytesPerS].sort((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
  const spread = `${at(0.5)} [${at(0)}..${at(1)}] MB/s`;
  const what = `${way.padEnd(24)} ${`${sizeMiB} MiB`.padStart(8)}`;
  return `${what}  ${spread.padEnd(28)} ${cpuMsPerMegabyte.toFixed(2)} cpu ms/MB`;
}
