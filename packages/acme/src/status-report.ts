// The status of one cluster in a few lines, and the link to its page. The token goes into the link
// and to a scheduler that proved to be the cluster's own, nowhere else.
import { hostname } from "node:os";
import { NoSchedulerError, StatusError } from "./errors.js";
import { commandLimits } from "./limits.js";
import { answers, elsewhere, hostOf, isLoopback, type RunningCluster } from "./running-cluster.js";

/** What this needs of `/status.json`. */
export interface StatusNumbers {
  readonly clients: number;
  readonly threads: number;
  readonly workerCount: number;
  readonly tasks: Readonly<Record<string, number>>;
  readonly memory: { readonly usedBytes: number; readonly limitBytes: number | null };
  readonly functions: readonly FunctionNumbers[];
}

interface FunctionNumbers {
  readonly name: string;
  readonly made: number;
  readonly open: number;
  readonly failed: number;
  readonly states: Readonly<Record<string, number>>;
}

export interface Report {
  readonly link: string;
  readonly numbers: StatusNumbers;
}

/**
 * Asks a scheduler for its status.
 *
 * @throws NoSchedulerError if nobody answers, StatusError if HTTP is off or elsewhere
 */
export async function readStatus(cluster: RunningCluster): Promise<Report> {
  const { directory, contact } = cluster;
  const { name, token } = directory;
  const { address, httpPort } = contact;
  const host = elsewhere(contact);
  if (host !== null) throw new StatusError(seenFrom(name, host, httpPort));
  // Its port may belong to somebody else by now, who must not get the token.
  if (!(await answers(cluster))) {
    throw new NoSchedulerError(name, `Nobody of the cluster ${name} answers at ${address}`);
  }
  if (httpPort === null) {
    throw new StatusError(`The scheduler of ${name} serves no HTTP (--no-dashboard).`);
  }
  const away = contact.host !== null && contact.host !== hostname();
  const outside = hostOf(address);
  const hosts = isLoopback(outside) ? ["127.0.0.1"] : away ? [outside] : ["127.0.0.1", outside];
  for (const one of hosts) {
    const place = `http://${one.includes(":") ? `[${one}]` : one}:${httpPort}`;
    const numbers = await fetchNumbers(place, token);
    if (numbers !== null) return { link: `${place}/status?token=${token}`, numbers };
  }
  throw new StatusError(seenFrom(name, contact.host ?? outside, httpPort));
}

function seenFrom(name: string, host: string, port: number | null): string {
  return (
    `The page of ${name} can be seen on ${host} alone. There, acme status ${name} prints its ` +
    `link; to open that here: ssh -L ${port}:127.0.0.1:${port} ${host}`
  );
}

/** null: nobody there. */
async function fetchNumbers(place: string, token: string): Promise<StatusNumbers | null> {
  let answer: Response;
  try {
    answer = await fetch(`${place}/status.json`, {
      headers: { authorization: `Bearer ${token}` },
      redirect: "error",
      signal: AbortSignal.timeout(commandLimits.statusTimeoutMs),
    });
  } catch {
    return null;
  }
  if (!answer.ok) throw new StatusError(`${place} refuses: ${(await answer.text()).trim()}`);
  return (await answer.json()) as StatusNumbers;
}

/** The report in words, without the link. */
export function statusText(numbers: StatusNumbers): string {
  const { tasks, memory, functions, threads } = numbers;
  const limit = memory.limitBytes ? ` of ${mebibytes(memory.limitBytes)}` : "";
  const running = Math.min(tasks.processing ?? 0, threads);
  const lines = [
    `${numbers.workerCount} workers with ${threads} threads, ${running} at work, ` +
      `${mebibytes(memory.usedBytes)}${limit} of memory used, ${numbers.clients} clients`,
    ...functions.slice(0, commandLimits.functionsShown).map(functionText),
  ];
  const more = functions.length - commandLimits.functionsShown;
  if (functions.length === 0) lines.push("no tasks");
  if (more > 0) lines.push(`and ${more} functions more`);
  return lines.map((line) => `${line}\n`).join("");
}

function functionText({ name, made, open, failed, states }: FunctionNumbers): string {
  const rest = failed > 0 ? `, ${failed} failed` : "";
  const done = Math.max(0, made - open - failed);
  return `${name}: ${done} of ${made} done, ${states.processing ?? 0} running${rest}`;
}

const mebibytes = (bytes: number): string =>
  `${Math.round(bytes / 2 ** 20).toLocaleString("en")} MiB`;
