// Random people round a scheduler: workers that finish, fail, die, steal, lose data and leave;
// clients that ask, release, cancel and drop out. Seeded, so that a failure can be played again.
import type { OutMessage } from "../core/index.js";
import { perform } from "./commands.js";
import { parseCommand } from "./script.js";
import { World } from "./world.js";

/** What a worker was told and has not answered. */
interface Staff {
  running: Set<string>;
  stealing: Set<string>;
  held: Set<string>;
}

export class Chaos {
  readonly world: World;
  readonly history: string[] = [];
  readonly workers = new Map<string, Staff>();
  readonly clients = new Set<string>();
  readonly keys: string[] = [];
  #seed: number;
  #names = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.world = new World({ clientLingerMs: 1000, noWorkersTimeoutMs: 60_000, seed });
  }

  below(bound: number): number {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#seed / 2 ** 32) * bound);
  }

  pick<T>(items: Iterable<T>): T | undefined {
    const all = [...items];
    return all[this.below(all.length)];
  }

  say(line: string): void {
    this.history.push(line);
    perform(this.world, parseCommand(line));
  }

  /** One step of the scheduler, and what its messages mean to the workers. */
  step(): void {
    this.history.push("----");
    const { out } = this.world;
    const seen: [string, OutMessage][] = [];
    this.world.watch = () => {
      for (const [link, messages] of out.links) {
        const name = this.world.names.get(link) as string;
        for (const message of messages) seen.push([name, message]);
      }
    };
    this.world.settle();
    for (const [name, message] of seen) this.#hear(name, message);
  }

  #hear(name: string, message: OutMessage): void {
    const staff = this.workers.get(name);
    if (staff === undefined) return;
    switch (message.op) {
      case "compute-task":
        staff.running.add(String(message.key));
        break;
      case "free-keys":
        for (const key of message.keys) {
          staff.running.delete(String(key));
          staff.stealing.delete(String(key));
          staff.held.delete(String(key));
        }
        break;
      case "steal-request":
        staff.stealing.add(String(message.key));
        break;
      case "acquire-replicas":
        for (const key of message.who_has.keys()) staff.held.add(String(key));
        this.say(`add-keys ${name} ${[...message.who_has.keys()].join(" ")}`);
        break;
      case "close":
        this.lose(name);
        break;
      default:
    }
  }

  hire(): void {
    this.#names += 1;
    const name = `w${this.#names}`;
    const kind = this.below(4) === 0 ? " python" : "";
    const gpu = this.below(3) === 0 ? " resources=GPU:1" : "";
    this.workers.set(name, { running: new Set(), stealing: new Set(), held: new Set() });
    this.say(`worker ${name} threads=${1 + this.below(3)}${kind}${gpu}`);
  }

  lose(name: string): void {
    if (!this.workers.delete(name)) return;
    this.say(`lose ${name}`);
  }

  greet(): void {
    this.#names += 1;
    const name = `c${this.#names}`;
    this.clients.add(name);
    this.say(`client ${name}${this.below(3) === 0 ? " python" : ""}`);
  }

  submit(): void {
    const client = this.pick(this.clients);
    if (client === undefined) return;
    const isPython = this.world.state.clients.get(client as never)?.acme === 0;
    const words: string[] = [];
    const own: string[] = [];
    for (let i = this.below(6); i >= 0; i--) {
      this.#names += 1;
      const key = this.below(8) === 0 ? (this.pick(this.keys) ?? "k") : `k-${this.#names}`;
      if (own.includes(key)) continue;
      const needs = new Set<string>();
      for (let n = this.below(3); n > 0; n--) {
        const need = this.pick(this.below(3) === 0 ? this.keys : own);
        if (need !== undefined && need !== key) needs.add(need);
      }
      words.push(needs.size === 0 ? key : `${key}(${[...needs].join(",")})`);
      own.push(key);
    }
    this.keys.push(...own);
    const options = [`retries=${this.below(2)}`, `priority=${this.below(2)}`];
    if (this.below(3) === 0) options.push(`want=${own.at(-1)}`);
    if (this.below(5) === 0) options.push("resources=GPU:1");
    if (isPython) options.push("python");
    this.say(`graph ${client} ${words.join(" ")} ${options.join(" ")}`);
  }

  /** A worker answers one of the things it was told. */
  work(isKind: boolean): void {
    const name = this.pick(this.workers.keys());
    const staff = name === undefined ? undefined : this.workers.get(name);
    if (name === undefined || staff === undefined) return;
    const asked = this.pick(staff.stealing);
    if (asked !== undefined && this.below(2) === 0) {
      this.answer(name, staff, asked);
      return;
    }
    const key = this.pick(staff.running);
    if (key === undefined) return;
    const dice = isKind ? 9 : this.below(30);
    if (dice === 0) this.say(`long-running ${name} ${key}`);
    else if (dice > 4 || dice === 4) staff.running.delete(key);
    if (dice === 1) this.say(`err ${name} ${key} run=7`);
    else if (dice === 4) this.say(`err ${name} ${key}`);
    else if (dice === 5) this.say(`err ${name} ${key} died`);
    else if (dice === 6) this.say(`reschedule ${name} ${key}`);
    else if (dice > 6) {
      staff.held.add(key);
      this.say(`finish ${name} ${key} took=${this.below(3) === 0 ? 1 : 0.001}`);
    }
  }

  answer(name: string, staff: Staff, key: string): void {
    staff.stealing.delete(key);
    const isThere = staff.running.has(key);
    const state = isThere ? (this.below(2) === 0 ? "ready" : "executing") : "nil";
    if (state === "ready") staff.running.delete(key);
    this.say(`steal-response ${name} ${key} ${state}`);
  }

  /** Something that nobody wished for. */
  trouble(): void {
    const worker = this.pick(this.workers.keys());
    const client = this.pick(this.clients);
    const key = this.pick(this.keys) ?? "k";
    const kind = this.below(16);
    if (kind < 8) {
      if (worker !== undefined) this.#troubleOf(worker, kind);
      return;
    }
    switch (kind) {
      case 8:
        if (client !== undefined) {
          this.clients.delete(client);
          this.say(this.below(2) === 0 ? `lose ${client}` : `close ${client}`);
        }
        break;
      case 9:
        if (client !== undefined) this.say(`cancel ${client} ${key} force=${this.flip()}`);
        break;
      case 10:
        this.say(`retry ${key}`);
        break;
      case 11:
        if (client !== undefined) this.say(`scatter ${client} d-${this.below(50)}`);
        break;
      case 12:
        this.say(`restrict ${key} ${this.flip() === "yes" ? "nobody" : (worker ?? "w1")}`);
        break;
      case 13:
        this.say(`time +${this.below(2000)}`);
        break;
      case 14:
        if (worker !== undefined) this.say(`add-keys ${worker} ${key}`);
        break;
      default:
        for (const id of this.world.state.transfers.keys()) {
          this.say(`transferred ${id} ${this.flip() === "yes" ? "ok" : "failed"}`);
        }
    }
  }

  #troubleOf(worker: string, kind: number): void {
    if (kind < 2) this.lose(worker);
    else if (kind === 2) {
      if (this.workers.size > 1) this.say(`retire ${worker} close=yes`);
    } else if (kind === 3) this.say(`status ${worker} closing_gracefully`);
    else if (kind === 4) this.say(`status ${worker} paused`);
    else if (kind < 7) this.say(`status ${worker} running`);
    else this.#forgetOne(worker);
  }

  flip(): "yes" | "no" {
    return this.below(2) === 0 ? "yes" : "no";
  }

  #forgetOne(worker: string): void {
    const key = this.pick(this.workers.get(worker)?.held ?? []);
    if (key === undefined) return;
    this.workers.get(worker)?.held.delete(key);
    this.say(`release-data ${worker} ${key}`);
  }

  wish(): void {
    const client = this.pick(this.clients);
    const key = this.pick(this.keys);
    if (client === undefined || key === undefined) return;
    this.say(`${this.below(2) === 0 ? "release" : "desire"} ${client} ${key}`);
  }
}
