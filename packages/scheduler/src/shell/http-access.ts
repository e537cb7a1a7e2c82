// Who may read over HTTP: whoever knows the token, as a header, once in the address, or as the
// cookie that follows from it. Judges headers and opens nothing; tokens never leave in a text.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import { assert } from "@acme/protocol";

/** What becomes of a request. */
export type Verdict =
  | { type: "allowed" }
  /** The token was in the address: keep it as a cookie, and go where it is not. */
  | { type: "entered"; cookie: string; search: string }
  | { type: "refused"; text: string };

const remedy =
  "Run `npx @acme/acme status NAME` where the cluster was started: it prints the link with the " +
  "token.\nPrograms send the token as `Authorization: Bearer TOKEN`.\n";

export class HttpAccess {
  readonly #token: Buffer;
  readonly #cookieName: string;
  /** Follows from the token and does not tell it: a browser shows cookies to any port. */
  readonly #cookie: string;
  readonly #names: ReadonlySet<string>;

  /** @param names - of this machine, under which a browser may ask */
  constructor(token: string, names: readonly string[]) {
    assert(token.length >= 16, "a token of at least 16 characters");
    this.#token = digest(token);
    this.#cookie = createHmac("sha256", token).update("acme status cookie").digest("base64url");
    // Clusters behind tunnels share the host and must not overwrite each other's cookies.
    this.#cookieName = `acme-${digest(this.#cookie).toString("hex").slice(0, 8)}`;
    this.#names = new Set(["localhost", ...names].map((name) => name.toLowerCase()));
  }

  /**
   * Whether a `Host` header means this machine. A page from elsewhere whose name was made to point
   * here (DNS rebinding) has another; an address of digits cannot be made to point anywhere.
   */
  isHost(header: string | undefined): boolean {
    const name = /^(\[[^\]]*\]|[^:]*)(?::\d*)?$/.exec(header ?? "")?.[1]?.replace(/^\[|\]$/g, "");
    return name !== undefined && (isIP(name) !== 0 || this.#names.has(name.toLowerCase()));
  }

  judge(headers: IncomingHttpHeaders, query: URLSearchParams): Verdict {
    const bearer = /^bearer +(\S+) *$/i.exec(headers.authorization ?? "")?.[1];
    if (bearer !== undefined) return this.#isToken(bearer) ? { type: "allowed" } : wrong;
    const given = query.get("token");
    if (given !== null) return this.#isToken(given) ? this.#enter(query) : wrong;
    const cookie = cookieNamed(this.#cookieName, headers.cookie ?? "");
    if (cookie !== undefined && same(digest(cookie), digest(this.#cookie))) {
      return { type: "allowed" };
    }
    return { type: "refused", text: `This page needs the cluster's token.\n${remedy}` };
  }

  #enter(query: URLSearchParams): Verdict {
    const rest = new URLSearchParams(query);
    rest.delete("token");
    const cookie = `${this.#cookieName}=${this.#cookie}; Path=/; HttpOnly; SameSite=Strict`;
    return { type: "entered", cookie, search: rest.size === 0 ? "" : `?${rest}` };
  }

  #isToken(text: string): boolean {
    return same(digest(text), this.#token);
  }
}

const wrong: Verdict = { type: "refused", text: `This is not the cluster's token.\n${remedy}` };

/** Digests have one length, so that comparing them tells nothing, not even that of the token. */
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
const same = (a: Buffer, b: Buffer): boolean => timingSafeEqual(a, b);

function cookieNamed(name: string, header: string): string | undefined {
  for (const one of header.split(";")) {
    const [key, value] = one.trim().split("=", 2);
    if (key === name) return value;
  }
  return undefined;
}
