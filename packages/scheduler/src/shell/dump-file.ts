// Writes what everybody knows into a file on the scheduler's machine, as dask's scheduler does when
// asked for a dump at a URL. Knows paths and file URLs; other stores need libraries of Python.
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { encodeMessage } from "@acme/protocol";
import { clusterState } from "./cluster-state.js";
import { NeedsPythonError, PythonNamedError } from "./python-errors.js";
import type { Request } from "./request-types.js";
import type { ShellContext } from "./shell-context.js";

const compress = promisify(gzip);

export async function writeDump(
  shell: ShellContext,
  { url, exclude = [], format = "msgpack" }: Request<"dump_cluster_state_to_url">,
  signal: AbortSignal,
): Promise<null> {
  const encode = encoders.get(format);
  if (encode === undefined) {
    const message = `Unsupported format '${format}'. Possible values are 'msgpack' or 'yaml'.`;
    throw new PythonNamedError("ValueError", message);
  }
  const suffix = format === "yaml" ? ".yaml" : ".msgpack.gz";
  const path = pathOf(url.endsWith(suffix) ? url : url + suffix);
  const state = await clusterState(shell, exclude, signal);
  await writeFile(path, await encode(state as object));
  return null;
}

/** A file URL of Python's may be relative: `file://name`. */
function pathOf(url: string): string {
  const [, scheme, rest] = /^(\w+):\/\/(.*)$/s.exec(url) ?? [];
  if (scheme === undefined || rest === undefined) return url;
  if (scheme === "file") return rest.startsWith("/") ? fileURLToPath(url) : rest;
  throw new NeedsPythonError(
    `writing a dump to ${scheme}://`,
    "client.dump_cluster_state(filename, write_from_scheduler=False) writes it from your own process",
  );
}

const encoders = new Map<string, (state: object) => Promise<Uint8Array> | Uint8Array>([
  ["msgpack", (state) => compress(encodeMessage(state)[0]!)],
  // Whatever is JSON is YAML too.
  ["yaml", (state) => Buffer.from(JSON.stringify(state, plain, 1))],
]);

function plain(_: string, value: unknown): unknown {
  if (value instanceof Map) {
    return Object.fromEntries(Array.from(value, ([key, item]) => [String(key), item]));
  }
  if (value instanceof Set) return [...value];
  if (value instanceof Uint8Array) return Buffer.from(value).toString("latin1");
  if (typeof value === "bigint") return Number(value);
  return value;
}
