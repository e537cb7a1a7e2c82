// What the objects that clients share have in common: their client, values on the wire and futures
// by their key. Python clients read and write the same: numbers, text, bytes, lists, dictionaries.
import { randomUUID } from "node:crypto";
import { isAcmeError, plainErrorFields, Serialized, taskKey, type WireKey } from "@acme/protocol";
import type { Client } from "../client.js";
import { currentClient } from "../current-client.js";
import { NoClusterError, WaitTimeoutError } from "../errors.js";
import { Future } from "../future.js";
import type { WaitOptions } from "../shell/limited.js";
import type { SchedulerCall, Session } from "../shell/session.js";
import { Submission } from "../shell/submission.js";

/** What can be shared besides futures. Python sees lists, dictionaries, `bytes` and `None`. */
export type SharedValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly SharedValue[]
  | { readonly [key: string]: SharedValue };

/** One object that is known to the scheduler by its name. */
export abstract class Shared {
  /** Whoever gives the same name shares the same object. */
  readonly name: string;
  /** @internal */
  protected readonly session: Session;

  constructor(kind: string, name: string | undefined, client: Client | undefined) {
    const used = client ?? currentClient();
    if (used === undefined) {
      throw new NoClusterError(
        `a ${kind} needs a client: give one, as in new ${kind}("name", client)`,
      );
    }
    this.session = used.session;
    this.name = name ?? `${kind.toLowerCase()}-${randomUUID()}`;
  }

  /** @internal @throws WaitTimeoutError if the scheduler says that the time is up */
  protected async ask(request: SchedulerCall, options: WaitOptions = {}): Promise<unknown> {
    const { signal, timeoutMs } = options;
    const timeout = timeoutMs === undefined ? undefined : timeoutMs / 1000;
    try {
      return await this.session.call({ name: this.name, timeout, ...request }, { signal });
    } catch (error) {
      signal?.throwIfAborted();
      if (timeoutMs !== undefined && isTimeout(error)) {
        throw new WaitTimeoutError(`${request.op} of ${this.name}`, timeoutMs);
      }
      throw error;
    }
  }
}

/** By what our scheduler says of the error, or by Python's name of it. */
function isTimeout(error: unknown): boolean {
  if (!isAcmeError(error, "RPC_FAILED")) return false;
  const { exception, remoteText } = error as typeof error & {
    exception: unknown;
    remoteText: string;
  };
  const fields = exception instanceof Serialized ? plainErrorFields(exception) : undefined;
  return fields?.get("raises") === "TimeoutError" || /^(?:asyncio\.)?TimeoutError/.test(remoteText);
}

/** The fields that stand for a value in a request. */
export async function fieldsOf(value: unknown): Promise<{ key?: string; data?: unknown }> {
  if (!(value instanceof Future)) return { data: value ?? null };
  const key = await value.submitted();
  await value.handedOver();
  return { key };
}

/** A value as it was given, of Python's too: dictionaries whose keys are text become objects. */
function plainValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainValue);
  if (!(value instanceof Map)) return value;
  const entries = [...value].map(([key, one]) => [key, plainValue(one)] as const);
  const isText = entries.every(([key]) => typeof key === "string");
  return isText ? Object.fromEntries(entries) : new Map(entries);
}

/** A value, or the future of the key that stands for it; then `taken` says that it is wanted. */
export function openRecord(
  session: Session,
  record: unknown,
  taken: (fields: { key: WireKey; token: string }) => void,
): unknown {
  const fields = record as ReadonlyMap<string, unknown>;
  if (fields.get("type") !== "Future") return plainValue(fields.get("value"));
  const key = fields.get("value") as WireKey;
  const submission = Submission.ofRecords(session.desire([taskKey(key)]));
  taken({ key, token: String(fields.get("token") ?? "") });
  return new Future(session, submission, 0);
}
