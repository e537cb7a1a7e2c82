// A cluster as a user starts it by name: `acme-scheduler` and `acme-worker` as processes, with all
// files below one folder. What is asked of it is for the tests to say.
import { once } from "node:events";
import { openClusterDirectory } from "@acme/credentials";
import { command, contactIn, type Running, startMs, TestFolder } from "../commands/processes.js";

/** What contact files say of HTTP. */
interface WithServices {
  services: { dashboard: number };
}

export class NamedCluster implements AsyncDisposable {
  readonly name: string;
  readonly home = new TestFolder();
  readonly scheduler: Running;
  readonly #workers: Running[] = [];

  constructor(name: string) {
    this.name = name;
    const http = ["--dashboard-address", "127.0.0.1:0"];
    const { env } = this;
    this.scheduler = command("scheduler", ["--name", name, "--port", "0", ...http], [], { env });
  }

  get env(): { ACME_HOME: string } {
    return { ACME_HOME: this.home.path };
  }

  get folder(): string {
    return this.home.file(`clusters/${this.name}`);
  }

  get token(): string {
    return openClusterDirectory(this.folder).token;
  }

  get httpPort(): number {
    const contact = contactIn(this.contactFile) as unknown as WithServices;
    return contact.services.dashboard;
  }

  get contactFile(): string {
    return `${this.folder}/scheduler.json`;
  }

  get pageUrl(): string {
    return `http://127.0.0.1:${this.httpPort}`;
  }

  /** Resolves when the scheduler has announced itself. */
  async started(): Promise<this> {
    const deadline = performance.now() + startMs;
    while (contactIn(this.contactFile) === undefined) {
      if (performance.now() > deadline || this.scheduler.exitCode !== null) {
        throw new Error(`the scheduler did not start: ${(await this.scheduler).all}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return this;
  }

  startWorkers(count: number): void {
    const args = ["--cluster", this.name, "--nworkers", String(count), "--nthreads", "1"];
    this.#workers.push(command("worker", args, [], { env: this.env }));
  }

  /** `acme …` as the owner of the cluster. */
  acme(...args: string[]): Running {
    return command("acme", args, [], { env: this.env });
  }

  /** Status numbers as the page gets them. */
  async status(): Promise<{ ended: { finished: number }; workerCount: number }> {
    const headers = { authorization: `Bearer ${this.token}` };
    const answer = await fetch(`${this.pageUrl}/status.json`, { headers });
    return (await answer.json()) as { ended: { finished: number }; workerCount: number };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of [this.scheduler, ...this.#workers]) {
      one.kill("SIGTERM");
      if (one.exitCode === null && one.signalCode === null) await once(one, "exit");
    }
    this.home[Symbol.dispose]();
  }
}
