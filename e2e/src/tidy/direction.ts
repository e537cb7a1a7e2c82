// Which package may use which, as a table, and the search for imports that go against it. A new
// package must be entered here, with the reason that the architecture page gives for its place.

import { type ModuleGraph, packageNameOf, packageOf, resolveSource } from "./module-graph.js";
import type { Import } from "./module-syntax.js";
import { describePath, packageFolderOf, readManifest } from "./repository.js";

const foundations = ["protocol", "config", "hdf5"];

/** What each package may import among ours. Everything not listed is forbidden. */
export const allowedPackages: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  config: [],
  hdf5: [],
  comm: ["protocol", "config"],
  // Knows no network.
  serialize: ["protocol", "config"],
  // Knows no clusters that run, only their directories.
  credentials: ["protocol", "config", "comm", "serialize"],
  // Knows bytes and values, and how to start Python, but no connections.
  python: ["protocol"],
  // Knows neither user code nor files of results. Python only where a scheduler is put together.
  scheduler: ["protocol", "config", "comm", "credentials", "python"],
  // Knows nothing of ParallelMap and its HDF5 files.
  worker: ["protocol", "config", "comm", "serialize", "credentials", "python"],
  cluster: [
    "protocol",
    "config",
    "comm",
    "serialize",
    "credentials",
    "python",
    "scheduler",
    "worker",
  ],
  // Starts schedulers and workers only through `cluster`, which loads them lazily.
  client: [...foundations, "comm", "serialize", "credentials", "python", "cluster"],
  // Starts a scheduler in a thread, and workers by the path of their command.
  jobqueue: [...foundations, "comm", "credentials", "scheduler", "worker", "cluster", "client"],
  // Loads no code of schedulers and workers itself.
  acme: [...foundations, "comm", "serialize", "credentials", "cluster", "client", "jobqueue"],
  e2e: [
    ...foundations,
    "comm",
    "serialize",
    "credentials",
    "python",
    "scheduler",
    "worker",
    "cluster",
    "client",
    "jobqueue",
    "acme",
  ],
  connectome: ["client", "cluster"],
  "other-languages": ["client"],
};

/** Packages that run in a browser as well: nothing of node in them. */
export const browserPackages = ["protocol"];

/** Packages that tests may import from the root without declaring them. */
const rootTools = Object.keys(readManifest("").devDependencies ?? {});

/** Every import against the table, or of a package that is not declared. */
export function findDirectionOffences(graph: ModuleGraph): string[] {
  const offences: string[] = [];
  for (const { manifest, folder, shortName } of graph.packages) {
    if (allowedPackages[shortName] === undefined) {
      offences.push(`${folder}: is missing in the table of e2e/src/tidy/direction.ts`);
    }
    for (const name of Object.keys(manifest.dependencies ?? {})) {
      const short = name.replace(/^@acme\//, "");
      if (short !== name && !allowedPackages[shortName]?.includes(short)) {
        offences.push(`${folder}/package.json: depends on ${name}, which it must not know`);
      }
    }
  }
  for (const [path, module] of graph.modules) {
    // Fixtures are programs as users write them: with their own packages and their own suffixes.
    if (module.file.isFixture) continue;
    for (const entry of everyImport(module.syntax)) {
      const offence = entry.specifier.startsWith(".")
        ? judgeRelative(graph, path, entry)
        : judgePackage(graph, path, entry);
      if (offence !== undefined) offences.push(`${path}:${entry.line}: ${offence}`);
    }
  }
  return offences;
}

type Used = Pick<Import, "specifier" | "line" | "typeOnly">;

function everyImport(syntax: { imports: Import[]; exports: ExportLike[] }): Used[] {
  const reexports = syntax.exports.flatMap(({ from, line }) =>
    from === undefined ? [] : [{ specifier: from.specifier, line, typeOnly: false }],
  );
  return [...syntax.imports, ...reexports];
}

interface ExportLike {
  line: number;
  from?: { specifier: string };
}

function judgeRelative(graph: ModuleGraph, path: string, { specifier }: Used): string | undefined {
  const target = resolveSource(graph, path, specifier)!;
  if (packageFolderOf(target) !== packageFolderOf(path)) {
    return `${specifier} leaves the package; import it by its name`;
  }
  // A test names a user's program as a user would.
  if (describePath(target).isFixture) return undefined;
  // Data beside the code (`./x.json`) has its own suffix; code is named as it will be built.
  return /\.(?:js|json)$/.test(specifier) ? undefined : `${specifier} must end with .js`;
}

function judgePackage(graph: ModuleGraph, path: string, { specifier }: Used): string | undefined {
  const own = packageOf(graph, path);
  const isTest = graph.modules.get(path)!.file.isTest;
  if (specifier.startsWith("node:")) {
    return browserPackages.includes(own.shortName) && !isTest
      ? `${specifier} does not exist in a browser, where ${own.shortName} must run`
      : undefined;
  }
  const name = packageNameOf(specifier);
  if (name === own.manifest.name) return "a package imports itself by relative paths";
  const short = name.replace(/^@acme\//, "");
  if (short !== name && !allowedPackages[own.shortName]?.includes(short)) {
    return `${own.shortName} must not know ${name}`;
  }
  if (short !== name && resolveSource(graph, path, specifier) === undefined) {
    return `${specifier} is no entry point of ${name}`;
  }
  const { dependencies, devDependencies, peerDependencies, optionalDependencies } = own.manifest;
  const shipped = { ...dependencies, ...peerDependencies, ...optionalDependencies };
  if (
    name in shipped ||
    (isTest && (name in (devDependencies ?? {}) || rootTools.includes(name)))
  ) {
    return undefined;
  }
  return `${name} is not among the dependencies of ${own.folder}/package.json`;
}
