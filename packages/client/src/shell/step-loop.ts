// Runs the client core with the loop that drives every core. Puts keys of one kind that are told in
// a row into one event, since futures come and go one by one.
import { TurnLoop } from "@acme/comm";
import type { ClientId, TaskKey } from "@acme/protocol";
import {
  type ClientEvent,
  type ClientOutbox,
  newOutbox,
  newState,
  step,
  validate,
} from "../core/index.js";

type KeysEvent = Extract<ClientEvent, { type: "desired" | "released" | "wanted" }>["type"];

export class StepLoop {
  readonly #loop: TurnLoop<ClientEvent, ClientOutbox>;

  constructor(client: ClientId, carryOut: (out: ClientOutbox) => void) {
    const state = newState({ client });
    const validates = process.env.ACME_VALIDATE === "1";
    this.#loop = new TurnLoop({
      step: (events, nowMs) => {
        const out = newOutbox();
        step(state, events, nowMs, out);
        if (validates) validate(state);
        return out;
      },
      act: carryOut,
      onCrash: (error) => {
        throw error;
      },
      // The connection keeps the process alive as long as something can come of it.
      keepsAlive: false,
    });
  }

  /** Takes part in the step at the end of this turn. */
  post(event: ClientEvent): void {
    this.#loop.post(event);
  }

  /** Like {@link post}; keys of one kind in a row become one event. */
  postKeys(type: KeysEvent, keys: readonly TaskKey[]): void {
    const { last } = this.#loop;
    if (last?.type === type) for (const key of keys) (last.keys as TaskKey[]).push(key);
    else this.post({ type, keys: [...keys] });
  }

  /** Lets what was put off until the end of this turn before go first; it may call {@link now}. */
  yield(): void {
    this.#loop.yield();
  }

  /** Steps at once, with everything posted so far before these events. */
  now(...events: ClientEvent[]): void {
    this.#loop.now(...events);
  }

  stop(): void {
    this.#loop.stop();
  }
}
