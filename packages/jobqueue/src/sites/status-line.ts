// Shows how far the start of workers is: one line that changes on a terminal, a line at each change
// elsewhere. Must not know what is waited for, nor for how long.

/** Where it is shown; `process.stderr` fits. */
export interface StatusStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

export interface StartStatus {
  readonly ready: number;
  readonly wanted: number;
  readonly elapsedMs: number;
  readonly timeoutMs: number;
  /** What the others are doing, such as `3 pending: Resources`; may be empty. */
  readonly others: string;
}

export class StatusLine {
  readonly #name: string;
  readonly #stream: StatusStream;
  #last = "";
  #isOpen = false;

  /** @param name - stands before every line */
  constructor(name: string, stream: StatusStream) {
    this.#name = name;
    this.#stream = stream;
  }

  show(status: StartStatus): void {
    const text = `<${this.#name}> ${statusText(status)}`;
    if (this.#stream.isTTY) {
      const width = Math.max((this.#stream.columns || 80) - 1, 20);
      const fitting = [text, ...shorterTexts(status)].find(({ length }) => length <= width);
      const shown = fitting ?? `${shorterTexts(status).at(-1)}`.slice(0, width);
      this.#stream.write(`\r${shown}\u001b[K`);
      this.#isOpen = true;
      return;
    }
    const news = `${status.ready} ${status.others}`;
    if (news === this.#last) return;
    this.#last = news;
    this.#stream.write(`${text}\n`);
  }

  /** A line that stays. */
  say(text: string): void {
    this.end();
    this.#stream.write(`<${this.#name}> ${text}\n`);
  }

  /** What comes next begins a new line. */
  end(): void {
    if (this.#isOpen) this.#stream.write("\n");
    this.#isOpen = false;
  }
}

/** `SLURM workers ready: 2/4  [elapsed time 00:07 | timeout at 01:00] 2 pending: Resources` */
export function statusText({ ready, wanted, elapsedMs, timeoutMs, others }: StartStatus): string {
  const times = `[elapsed time ${clock(elapsedMs)} | timeout at ${clock(timeoutMs)}]`;
  return `SLURM workers ready: ${ready}/${wanted}  ${times} ${others}`.trimEnd();
}

/** For narrower terminals; what matters most comes first. */
function shorterTexts(status: StartStatus): string[] {
  const { ready, wanted, elapsedMs, timeoutMs, others } = status;
  const times = `${clock(elapsedMs)}/${clock(timeoutMs)}`;
  return [
    statusText(status),
    `workers ready: ${ready}/${wanted} [${times}] ${others}`.trimEnd(),
    `${ready}/${wanted} ready [${times}] ${others}`.trimEnd(),
  ];
}

function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return (seconds < 3600 ? parts.slice(1) : parts)
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
}
