// What a soak found: figures for people, and what was not as it must be. A soak passes if nothing
// of the latter is there.

export class Findings {
  readonly figures: Record<string, unknown> = {};
  readonly failures: string[] = [];

  /** Notes figures under a name, and prints them. */
  note(name: string, value: unknown): void {
    this.figures[name] = value;
    process.stdout.write(`  ${name}: ${JSON.stringify(value)}\n`);
  }

  /** Something that must hold. */
  check(holds: boolean, otherwise: string): void {
    if (holds) return;
    this.failures.push(otherwise);
    process.stdout.write(`  FAILED: ${otherwise}\n`);
  }

  /** A part of a soak; when it throws, the parts after it still run. */
  async part(name: string, run: () => Promise<void>): Promise<void> {
    process.stdout.write(`  ${name} …\n`);
    try {
      await run();
    } catch (error) {
      const { name: kind, message } = error as Error;
      this.check(false, `${name} threw ${kind}: ${message}`);
    }
  }
}

/** What the command line says; each soak has a default of its own. */
export interface SoakOptions {
  readonly minutes?: number | undefined;
  /** Of a flood. */
  readonly values?: number | undefined;
  /** Of several parts those with this in their names. */
  readonly only?: string | undefined;
}

/** One soak. */
export type Soak = (findings: Findings, options: SoakOptions) => Promise<void>;
