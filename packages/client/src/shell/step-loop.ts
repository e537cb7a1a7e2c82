// Runs the client core: collects events during one turn of the event loop, steps once, hands the
// outbox on. The only place that knows the clock and the state.
import { type ClientId, ProgramError, type TaskKey } from "@acme/protocol";
import {
  type ClientEvent,
  type ClientOutbox,
  type ClientState,
  newOutbox,
  newState,
  step,
  validate,
} from "../core/index.js";

type KeysEvent = Extract<ClientEvent, { type: "desired" | "released" | "wanted" }>["type"];

export class StepLoop {
  readonly state: ClientState;
  readonly #carryOut: (out: ClientOutbox) => void;
  readonly #validates = process.env.ACME_VALIDATE === "1";
  #events: ClientEvent[] = [];
  #turn: NodeJS.Immediate | undefined;
  #wake: NodeJS.Timeout | undefined;
  #stepping = false;

  constructor(client: ClientId, carryOut: (out: ClientOutbox) => void) {
    this.state = newState({ client });
    this.#carryOut = carryOut;
  }

  /** Takes part in the step at the end of this turn. */
  post(event: ClientEvent): void {
    this.#events.push(event);
    this.#turn ??= setImmediate(() => this.now());
  }

  /** Like {@link post}; keys of one kind in a row become one event. */
  postKeys(type: KeysEvent, keys: readonly TaskKey[]): void {
    const last = this.#events.at(-1);
    if (last?.type === type) for (const key of keys) (last.keys as TaskKey[]).push(key);
    else this.post({ type, keys: [...keys] });
  }

  /** Steps at once, with everything posted so far before these events. */
  now(...events: ClientEvent[]): void {
    if (this.#stepping) throw new ProgramError("a step was asked for inside a step");
    clearImmediate(this.#turn);
    clearTimeout(this.#wake);
    this.#turn = undefined;
    const batch = this.#events;
    batch.push(...events);
    this.#events = [];
    const out = newOutbox();
    this.#stepping = true;
    try {
      step(this.state, batch, performance.now(), out);
      if (this.#validates) validate(this.state);
    } finally {
      this.#stepping = false;
    }
    this.#wakeAt(out.wakeAtMs);
    this.#carryOut(out);
  }

  stop(): void {
    clearTimeout(this.#wake);
  }

  #wakeAt(atMs: number): void {
    if (atMs === Number.POSITIVE_INFINITY) return;
    const delayMs = Math.max(0, Math.ceil(atMs - performance.now()));
    // The connection keeps the process alive as long as something can come of it.
    this.#wake = setTimeout(() => this.now({ type: "woken" }), delayMs).unref();
  }
}
