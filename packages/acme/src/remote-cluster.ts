// A cluster directory on another machine, as text that a shell there prints and we read. The text
// may have anything before it, since login scripts like to talk. Runs nothing itself.
import { type Certificates, type Contact, parseContact } from "@acme/credentials";
import { TunnelError } from "./errors.js";

/** What is needed of a remote cluster. */
export interface RemoteCluster {
  readonly certificates: Certificates;
  readonly token: string;
  readonly contact: Contact;
  /** The machine that was asked. */
  readonly host: string;
}

const files = ["ca.pem", "cert.pem", "key.pem", "token", "scheduler.json"];

/**
 * Commands for a POSIX shell that print a cluster directory between lines with a mark.
 *
 * @param name - of the cluster; letters, digits, "-", "_" and "." only
 * @param mark - a word that nobody else prints
 */
export function readingScript(name: string, mark: string): string {
  return [
    `if cd "\${ACME_HOME:-$HOME/.acme}/clusters/${name}" 2>/dev/null; then`,
    `echo "${mark} host"; uname -n`,
    `echo "${mark} user"; id -u`,
    `echo "${mark} modes"; ls -ldn . ${files.join(" ")}`,
    ...files.map((file) => `echo "${mark} ${file}"; cat ${file}`),
    `else echo "${mark} missing"; fi`,
    `echo "${mark} end"`,
    "",
  ].join("\n");
}

export const isComplete = (text: string, mark: string): boolean =>
  text.includes(`\n${mark} end\n`) || text.startsWith(`${mark} end\n`);

/**
 * Reads what {@link readingScript} printed.
 *
 * @throws TunnelError if there is no such cluster, it has no scheduler, or others can read it
 */
export function parseRemoteCluster(text: string, mark: string, name: string): RemoteCluster {
  const parts = partsOf(text, mark);
  if (parts.has("missing")) {
    throw new TunnelError(
      `There is no cluster ${name} on that machine: acme list shows them there.`,
    );
  }
  checkModes(parts.get("modes") ?? "", (parts.get("user") ?? "").trim(), name);
  const part = (file: string): string => {
    const found = parts.get(file) ?? "";
    if (found.trim() !== "") return found;
    const why = file === "scheduler.json" ? "it has no scheduler" : `its ${file} is missing`;
    throw new TunnelError(`The cluster ${name} on that machine cannot be used: ${why}.`);
  };
  return {
    certificates: { ca: part("ca.pem"), cert: part("cert.pem"), key: part("key.pem") },
    token: part("token").trim(),
    contact: contactIn(part("scheduler.json"), name),
    host: (parts.get("host") ?? "").trim(),
  };
}

function contactIn(text: string, name: string): Contact {
  try {
    return parseContact(text);
  } catch (cause) {
    const why = (cause as Error).message;
    throw new TunnelError(`The contact file of ${name} cannot be read: ${why}`, { cause });
  }
}

function partsOf(text: string, mark: string): Map<string, string> {
  const parts = new Map<string, string>();
  let part = "";
  for (const line of text.split("\n")) {
    if (line.startsWith(`${mark} `)) {
      part = line.slice(mark.length + 1);
      parts.set(part, "");
    } else if (part !== "") parts.set(part, `${parts.get(part)}${line}\n`);
  }
  return parts;
}

/** As the machine itself would: what others can read or change is not used. */
function checkModes(listing: string, user: string, name: string): void {
  for (const line of listing.trim().split("\n")) {
    const [mode = "", , owner = ""] = line.split(/ +/);
    if (/^[-d][rwx-]{3}-{6}[.@]?$/.test(mode) && owner === user) continue;
    throw new TunnelError(
      `Others can use the credentials of ${name} on that machine (${line.trim() || "no files"}). ` +
        "Remove that directory there and start the scheduler again.",
    );
  }
}
