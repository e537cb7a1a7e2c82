// One simulated nanny process: the real core, and a child that takes time to start and to end.
// Stands for the nanny's shell.
import { nannyRequest, type WireMap, type WireValue } from "@acme/protocol";
import {
  type NannyEvent,
  type NannyOutbox,
  newNannyOutbox,
  newNannyState,
  step,
} from "@acme/worker/nanny-core";
import { CoreLoop } from "./core-loop.js";
import type { IncomingCall } from "./network.js";
import { SimProcess } from "./sim-process.js";
import type { WorkerActor } from "./worker-actor.js";
import type { World } from "./world.js";

export interface NannyHooks {
  /** Makes the child; it calls back when it is registered and when it exits. */
  spawn: (hooks: {
    onRegistered: () => void;
    onExit: (code: number | null) => void;
  }) => WorkerActor;
  /** The nanny is done. */
  onExit: () => void;
}

const memoryProbeMs = 250;

export class NannyActor {
  readonly process: SimProcess;
  readonly #world: World;
  readonly #hooks: NannyHooks;
  readonly #loop: CoreLoop<NannyEvent, NannyOutbox>;
  readonly #calls = new Map<number, IncomingCall>();
  readonly #treeBytes: (child: WorkerActor) => number;
  #child: WorkerActor | null = null;
  #starting = 0;
  #lastRequest = 0;

  constructor(
    world: World,
    setup: { name: string; address: string; memoryLimitBytes: number | null },
    treeBytes: (child: WorkerActor) => number,
    hooks: NannyHooks,
  ) {
    this.#world = world;
    this.#hooks = hooks;
    this.#treeBytes = treeBytes;
    this.process = new SimProcess(`nanny-${setup.name}`, world.clock, world.random.whole(0, 5_000));
    const limits = { immediateRestarts: 3, startsWithoutRegistration: 1_000, backOffMaxMs: 2_000 };
    const state = newNannyState({ memoryLimitBytes: setup.memoryLimitBytes, limits });
    this.#loop = new CoreLoop(this.process, world.random, {
      step: (events, nowMs) => {
        const out = newNannyOutbox();
        step(state, events, nowMs, out);
        return out;
      },
      act: (out) => this.#act(out),
    });
    world.network.listen(setup.address, {
      process: this.process,
      onConnection: () => ({ onMessage: () => {}, onClose: () => {} }),
      onRequest: (map, incoming) => this.#onRequest(map, incoming),
    });
    this.#loop.wake();
    if (setup.memoryLimitBytes !== null) this.#probeMemory();
  }

  /** SIGTERM to the nanny. */
  leave(graceMs: number): void {
    this.process.do(() => this.#loop.post({ type: "leave", graceMs }));
  }

  #onRequest(map: WireMap, incoming: IncomingCall): void {
    const request = nannyRequest.read(map);
    if (request.op === null) throw new Error(`a nanny was asked for ${request.name}`);
    this.#lastRequest += 1;
    this.#calls.set(this.#lastRequest, incoming);
    this.#loop.post({ type: "request", requestId: this.#lastRequest, request });
  }

  #act(out: NannyOutbox): void {
    if (out.start !== null) this.#start();
    for (const signal of out.signals) this.#signal(signal);
    for (const { requestId, reply } of out.replies) {
      this.#calls.get(requestId)?.reply(reply as WireValue);
      this.#calls.delete(requestId);
    }
    for (const { message } of out.log) this.#world.trace.line(this.process.name, () => message);
    if (out.exit === null) return;
    this.#loop.stop();
    this.process.kill();
    this.#hooks.onExit();
  }

  #start(): void {
    const { random } = this.#world;
    this.#starting += 1;
    const start = this.#starting;
    this.process.after(random.skewed(1, 20), () => {
      if (random.chance(0.03)) {
        this.#loop.post({ type: "start-failed", message: "no more processes" });
        return;
      }
      this.#loop.post({ type: "started", pid: start });
      this.process.after(random.skewed(5, 400), () => this.#spawn(start));
    });
  }

  // A process that was killed before its program began has exited already.
  #spawn(start: number): void {
    if (start !== this.#starting) return;
    this.#child = this.#hooks.spawn({
      onRegistered: () => this.#loop.post({ type: "registered" }),
      onExit: (code) => this.#exited(code, code === null ? "SIGKILL" : null),
    });
  }

  #exited(code: number | null, signal: string | null): void {
    this.#child = null;
    this.#starting += 1;
    this.process.after(this.#world.random.skewed(0.5, 20), () => {
      this.#loop.post({ type: "exited", code, signal });
    });
  }

  #signal(signal: "SIGTERM" | "SIGKILL"): void {
    if (this.#child === null) this.#exited(null, signal);
    else if (signal === "SIGKILL") this.#child.die();
    else this.#child.leave(1_000);
  }

  #probeMemory(): void {
    this.process.after(memoryProbeMs, () => {
      const treeBytes = this.#child === null ? 0 : this.#treeBytes(this.#child);
      if (treeBytes > 0) this.#loop.post({ type: "memory", treeBytes });
      this.#probeMemory();
    });
  }
}
