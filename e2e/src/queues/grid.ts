// The Grid Engine of e2e/grid-engine for tests: brought up once and shared. What is tested on it is
// not known here.
import { fileURLToPath } from "node:url";
import { execa } from "execa";

const program = fileURLToPath(new URL("../../grid-engine/grid", import.meta.url));

/** What the program says by its exit code: this machine cannot have a grid. */
export const cannotCode = 3;

/** A Grid Engine that runs. */
export interface Grid {
  /** For every command that is to talk to it, and for clusters: their home is shared. */
  readonly env: Readonly<Record<string, string>>;
  /** Folder that this machine and all nodes see at the same place. */
  readonly shared: string;
  /** Address of this machine that nodes can reach. */
  readonly hostAddress: string;
}

/** @throws ExecaError with exit code {@link cannotCode} where there can be none */
export async function startGrid(): Promise<Grid> {
  const { stdout } = await execa(program, ["up"]);
  const found = Object.fromEntries(
    [...stdout.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
  ) as Record<string, string>;
  const shared = found.ACME_GRID_SHARED as string;
  const PATH = `${found.ACME_GRID_BIN}:${process.env.PATH}`;
  const env = { ...found, PATH, ACME_HOME: `${shared}/home`, LC_ALL: "C" };
  return { env, shared, hostAddress: found.ACME_GRID_HOST as string };
}

export async function endGrid(): Promise<void> {
  await execa(program, ["down"]);
}
