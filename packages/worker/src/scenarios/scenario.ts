// Runs a text scenario: prose, then blocks of commands, `----`, and what was recorded. The
// commands of a block are one batch, so one step. The state is validated after each.
import { newOutbox } from "../core/outbox.js";
import type { WorkerState } from "../core/state.js";
import { step } from "../core/step.js";
import { validate } from "../core/validate.js";
import { type Command, eventOf, parseCommand } from "./commands.js";
import { begin, worker } from "./messages.js";
import { outboxLines } from "./outbox-text.js";

const rule = "----";

interface Run {
  state: WorkerState | null;
  link: number;
  nowMs: number;
}

/**
 * The scenario's text with what really happened below each `----`; equal to the given text when
 * nothing changed.
 *
 * @param text - a scenario
 * @throws Error for an unknown command, ProgramError for a state that does not validate
 */
export function rerun(text: string): string {
  const run: Run = { state: null, link: 0, nowMs: 1_000 };
  const blocks = text.trimEnd().split(/\n\n+/);
  return `${blocks.map((block) => rerunBlock(run, block)).join("\n\n")}\n`;
}

function rerunBlock(run: Run, block: string): string {
  const lines = block.split("\n");
  const end = lines.indexOf(rule);
  if (end < 0) return block;
  const commands = lines.slice(0, end);
  return [...commands, rule, ...play(run, commands.map(parseCommand))].join("\n");
}

function play(run: Run, commands: readonly Command[]): string[] {
  const first = commands[0];
  if (first?.name === "worker") return start(run, first);
  const { state } = run;
  if (state === null) throw new Error("A scenario begins with `worker`");
  if (first?.name === "tasks") return taskLines(state);
  const events = [];
  for (const command of commands) {
    if (command.name === "wait") run.nowMs += Number(command.words[0]);
    else events.push(eventOf(command, run.link));
    if (command.name === "connected") run.link = Number(command.words[0]);
  }
  const out = newOutbox();
  step(state, events, run.nowMs, out);
  validate(state);
  const lines = outboxLines(out);
  return lines.length > 0 ? lines : ["nothing"];
}

function start(run: Run, command: Command): string[] {
  const slots = Number(command.options.get("slots") ?? 1);
  const memory = command.options.get("memory");
  const gpus = command.options.get("GPU");
  run.state = worker(slots, {
    memoryLimitBytes: memory === undefined ? null : Number(memory),
    resources: new Map(gpus === undefined ? [] : [["GPU", Number(gpus)]]),
  });
  const out = newOutbox();
  step(run.state, begin(slots, 0, !command.words.includes("dask")), run.nowMs, out);
  return outboxLines(out);
}

function taskLines(state: WorkerState): string[] {
  const tasks = [...state.tasks.values()];
  const lines = tasks.map((task) => {
    const place = task.place === null || task.place === "memory" ? "" : ` (${task.place})`;
    return `${task.key} ${task.state}${place}`;
  });
  return lines.length > 0 ? lines.sort() : ["none"];
}
