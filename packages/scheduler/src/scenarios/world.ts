// A scheduler core with people around it: names for links, the clock, and the run ids it gave out.
// Commands turn lines of a scenario into events; everything the core answers is printed.
import type { ClientToScheduler, WorkerToScheduler } from "@acme/protocol";
import {
  clearOutbox,
  type Link,
  newOutbox,
  newState,
  type Outbox,
  type SchedulerEvent,
  type SchedulerOptions,
  type SchedulerState,
  step,
  validate,
} from "../core/index.js";
import { printOutbox } from "./print.js";

const startMs = 1_700_000_000_000;

export class World {
  state: SchedulerState;
  readonly out: Outbox = newOutbox();
  nowMs = startMs;
  events: SchedulerEvent[] = [];
  /** Answers of queries in the current block. */
  answers: string[] = [];
  /** Called while the outbox is full. */
  watch: () => void = () => {};
  /** Current link of a name, and the name of each link. */
  readonly links = new Map<string, Link>();
  readonly names = new Map<Link, string>();
  /** Latest run id of a key on a worker. */
  readonly runs = new Map<string, number>();
  /** Graph updates that each client has sent. */
  readonly sequences = new Map<string, number>();
  readonly clientLinks = new Set<Link>();
  #nextLink = 0;
  #nextRequest = 0;

  constructor(options: Partial<SchedulerOptions> = {}) {
    this.state = newState({ id: "Scheduler-1", startedMs: startMs, validate: true, ...options });
  }

  connect(name: string): Link {
    this.#nextLink += 1;
    this.links.set(name, this.#nextLink);
    this.names.set(this.#nextLink, name);
    return this.#nextLink;
  }

  linkOf(name: string): Link {
    const link = this.links.get(name);
    if (link === undefined) throw new Error(`nobody is called ${name}`);
    return link;
  }

  request(): number {
    this.#nextRequest += 1;
    return this.#nextRequest;
  }

  fromWorker(name: string, message: WorkerToScheduler): void {
    this.events.push({ type: "worker-messages", link: this.linkOf(name), messages: [message] });
  }

  fromClient(name: string, message: ClientToScheduler): void {
    this.events.push({ type: "client-messages", link: this.linkOf(name), messages: [message] });
  }

  /** Runs the collected events as one step and returns what came out, line by line. */
  settle(): string[] {
    const { events, out } = this;
    this.events = [];
    step(this.state, events, this.nowMs, out);
    for (const [link, messages] of out.links) {
      for (const message of messages) {
        if (message.op !== "compute-task") continue;
        this.runs.set(`${this.names.get(link)} ${String(message.key)}`, message.run_id);
      }
    }
    this.watch();
    const lines = printOutbox(out, this.names);
    clearOutbox(out);
    validate(this.state);
    const answers = this.answers;
    this.answers = [];
    return [...lines, ...answers];
  }
}
