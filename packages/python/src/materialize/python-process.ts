// One Python process beside the scheduler that answers questions about graphs, one after another,
// over its standard input and output. When it is started, and what if it ends, is the helper's.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { delimiter } from "node:path";
import type { Readable, Writable } from "node:stream";
import { decodeMessage, encodeMessage } from "@acme/protocol";
import { PythonError } from "../errors.js";
import { pythonLimits } from "../limits.js";
import { pythonText, pythonTextPath } from "../texts/python-text.js";
import { AnswerReader } from "./answer-reader.js";
import { headOfPieces, splitPieces } from "./pieces.js";
import type { UnfoldQuestion } from "./unfold-call.js";

/** Versions of what a Python process runs, by package. */
export type PythonVersions = ReadonlyMap<string, string>;

interface Waiting {
  resolve(answer: Uint8Array): void;
  reject(error: PythonError): void;
}

/** A running process; over once it has ended or was told to. */
export class PythonProcess {
  /** Resolves once it can answer; rejects if it never will. */
  readonly ready: Promise<PythonVersions>;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #waiting: Waiting[] = [];
  #said = "";
  #isOver = false;

  /** @param importFrom - folders and archives that it can import from, besides its own */
  constructor(executable: string, importFrom: readonly string[] = []) {
    const args = ["-c", pythonText("helper"), pythonTextPath("materialize")];
    this.#child = spawn(executable, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: importFrom.length === 0 ? process.env : { ...process.env, ...pathOf(importFrom) },
    });
    const reader = new AnswerReader((answer) => this.#waiting.shift()?.resolve(answer));
    this.#child.stdout.on("data", (bytes: Buffer) => this.#read(reader, bytes));
    this.#child.stderr.on("data", (bytes: Buffer) => {
      this.#said = (this.#said + bytes.toString()).slice(-pythonLimits.lastWords);
    });
    this.#child.stdin.on("error", () => {});
    this.#child.on("error", ({ message }) => this.#over(`cannot be started: ${message}`));
    this.#child.on("close", (code, signal) => this.#over(`ended (${signal ?? code})`));
    this.ready = this.#next(pythonLimits.helperStartMs).then(versionsOf);
    this.ready.catch(() => this.stop());
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** That wait for their answers. */
  get questions(): number {
    return this.#waiting.length;
  }

  /** Asks after all that was asked before. @throws PythonError if the process ends over it */
  ask(question: UnfoldQuestion): Promise<Uint8Array> {
    const token = "token" in question ? question.token : null;
    const frames = "frames" in question ? question.frames : [];
    const [about = new Uint8Array(0)] = encodeMessage({ token });
    const pieces = [about, ...frames];
    const answer = this.#next(pythonLimits.helperAnswerMs);
    const head = headOfPieces(pieces);
    const bytes = pieces.reduce((sum, piece) => sum + piece.byteLength, head.byteLength);
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(bytes));
    for (const part of [size, head, ...pieces]) this.#child.stdin.write(part);
    return answer;
  }

  /** Ends it at once; whoever waits is told. */
  stop(): void {
    this.#child.kill("SIGKILL");
    this.#over("was stopped");
  }

  #next(timeoutMs: number): Promise<Uint8Array> {
    if (this.#isOver) return Promise.reject(this.#failure("has ended"));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#over(`gave no answer within ${timeoutMs / 1000} s`);
        this.#child.kill("SIGKILL");
      }, timeoutMs);
      const settled = <T>(settle: (value: T) => void) => {
        return (value: T) => {
          clearTimeout(timer);
          settle(value);
        };
      };
      this.#waiting.push({ resolve: settled(resolve), reject: settled(reject) });
    });
  }

  #read(reader: AnswerReader, bytes: Buffer): void {
    try {
      reader.push(bytes);
    } catch (error) {
      this.#over(String(error));
      this.#child.kill("SIGKILL");
    }
  }

  #over(why: string): void {
    this.#isOver = true;
    const error = this.#failure(why);
    for (const one of this.#waiting.splice(0)) one.reject(error);
  }

  #failure(why: string): PythonError {
    const { spawnfile } = this.#child;
    const lastLine = this.#said.trim().split("\n").at(-1) ?? "";
    const said = lastLine === "" ? "" : `; it said: ${lastLine}`;
    return new PythonError("PYTHON_UNAVAILABLE", `the helper process ${spawnfile} ${why}${said}`);
  }
}

function pathOf(importFrom: readonly string[]): { PYTHONPATH: string } {
  const given = process.env.PYTHONPATH;
  return { PYTHONPATH: [...(given ? [given] : []), ...importFrom].join(delimiter) };
}

function versionsOf(hello: Uint8Array): PythonVersions {
  const [first = new Uint8Array(0)] = splitPieces(hello);
  const about = decodeMessage([first]);
  const versions = about instanceof Map ? about.get("versions") : undefined;
  return versions instanceof Map ? (versions as unknown as PythonVersions) : new Map();
}
