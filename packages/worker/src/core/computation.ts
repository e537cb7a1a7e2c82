// What a task needs in order to be computed here: its template, its constraint, its inputs. Links
// tasks to their inputs and unlinks them. Must not know executors or peers.
import {
  type SchedulerToWorker,
  type Serialized,
  taskKey,
  type WorkerAddress,
} from "@acme/protocol";
import { type Core, isWanted, log, obtainTask } from "./context.js";
import { addHolders } from "./holders.js";
import type { Computation, Task, Template } from "./task.js";
import { comparePriority } from "./task-heap.js";
import { move, release, settle } from "./transition.js";

export type ComputeTask = Extract<SchedulerToWorker, { op: "compute-task" }>;

/** Gives a task what it needs to be computed, replacing what it had. */
export function setComputation(core: Core, task: Task, message: ComputeTask): void {
  dropComputation(core, task);
  const runSpec = message.run_spec;
  const native = "template" in runSpec ? runSpec : null;
  const template = native === null ? null : useTemplate(core, native.template);
  const resources = message.resource_restrictions;
  const slots = Math.min(annotatedSlots(message.annotations), core.state.options.nthreads);
  const constraint = constraintText(resources, slots);
  const isolate = native?.isolate === true;
  const asked = annotated(message.annotations, "executor");
  task.computation = {
    runSpec,
    template,
    executor: isolate || asked === "process" ? "process" : "thread",
    isolate,
    slots,
    resources: constraint === null || resources?.size === 0 ? null : resources,
    constraint,
    annotations: message.annotations,
  } satisfies Computation;
  task.priority = message.priority;
  task.sequence = core.state.nextSequence++;
  if (message.who_has.size > 0) linkInputs(core, task, message);
}

/** The task is not to be computed any more: unlinks its inputs and releases unwanted ones. */
export function dropComputation(core: Core, task: Task): void {
  const { computation, dependencies } = task;
  if (computation === null) return;
  task.computation = null;
  if (computation.template !== null) endTemplateUse(core, computation.template);
  if (dependencies.length === 0) return;
  task.dependencies = [];
  for (const input of dependencies) {
    input.dependents?.delete(task);
    if (input.dependents?.size === 0) input.dependents = null;
    dropUnwanted(core, input);
  }
}

/** Stops looking for a value that nobody here needs any more. Values already here stay. */
export function dropUnwanted(core: Core, task: Task): void {
  if (isWanted(task)) return;
  if (task.state === "fetch" || task.state === "missing") {
    release(core, task);
  } else if (task.state === "flight") {
    task.previous = "flight";
    move(core, task, "cancelled");
  } else if (task.state === "resumed" && task.next === "fetch") {
    move(core, task, "cancelled");
  }
}

/** A task waits for this one: sees to it that it comes. */
export function wantInput(core: Core, task: Task): void {
  switch (task.state) {
    case "released":
      settle(core, task);
      return;
    case "error":
      release(core, task);
      return;
    case "cancelled":
      if (task.previous === "flight") {
        move(core, task, "flight");
        return;
      }
      move(core, task, "resumed");
      task.next = "fetch";
      return;
    default:
      return;
  }
}

function linkInputs(core: Core, task: Task, message: ComputeTask): void {
  const inputs: Task[] = [];
  for (const [wire, holders] of message.who_has) {
    const input = obtainTask(core, wire);
    // A scheduler that says so is mistaken: the executor will miss the input and say so.
    if (input === task) continue;
    input.dependents ??= new Set();
    if (input.dependents.has(task)) continue;
    input.dependents.add(task);
    inputs.push(input);
    noteHolders(core, input, holders);
    if (input.computation === null && (input.sequence === 0 || comparePriority(task, input) < 0)) {
      input.priority = task.priority;
      input.sequence = task.sequence;
    }
  }
  for (const [wire, nbytes] of message.nbytes) {
    const input = core.state.tasks.get(taskKey(wire));
    if (input !== undefined && input.place === null) input.nbytes = nbytes;
  }
  task.dependencies = inputs;
  for (const input of inputs) wantInput(core, input);
}

function noteHolders(core: Core, input: Task, holders: readonly string[]): void {
  if (input.state !== "memory") addHolders(core, input, holders as readonly WorkerAddress[]);
}

function annotated(annotations: unknown, name: string): unknown {
  return annotations instanceof Map ? annotations.get(name) : undefined;
}

function annotatedSlots(annotations: unknown): number {
  const slots = annotated(annotations, "slots");
  return typeof slots === "number" && slots >= 1 ? Math.ceil(slots) : 1;
}

function constraintText(resources: ReadonlyMap<string, number> | null, slots: number) {
  if (slots === 1 && (resources === null || resources.size === 0)) return null;
  const needs = [...(resources ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([slots, ...needs]);
}

/** The scheduler teaches a template; one that is about to be forgotten is kept after all. */
export function learnTemplate(core: Core, id: string, name: string, body: Serialized): void {
  const known = core.state.templates.get(id);
  if (known !== undefined) {
    known.forgotten = false;
    return;
  }
  core.state.templates.set(id, { id, name, tasks: 0, forgotten: false, durationMs: null });
  core.out.exec.push({ type: "learn", template: id, name, body });
}

/** The scheduler will not use it again; tasks that are here still do. */
export function forgetTemplate(core: Core, id: string): void {
  const template = core.state.templates.get(id);
  if (template === undefined) return;
  template.forgotten = true;
  if (template.tasks === 0) endTemplate(core, template);
}

function useTemplate(core: Core, id: string): Template | null {
  const template = core.state.templates.get(id);
  if (template === undefined) {
    log(core, "error", "A task uses a template that was never sent; it will fail", {
      template: id,
    });
    return null;
  }
  template.tasks += 1;
  return template;
}

function endTemplateUse(core: Core, template: Template): void {
  template.tasks -= 1;
  if (template.tasks === 0 && template.forgotten) endTemplate(core, template);
}

function endTemplate(core: Core, template: Template): void {
  core.state.templates.delete(template.id);
  core.out.exec.push({ type: "forget", template: template.id });
}

/** Whether a key is wanted as an input by a task that will still read it here. */
export function isNeededAsInput(task: Task): boolean {
  if (task.dependents === null) return false;
  for (const dependent of task.dependents) {
    if (dependent.state !== "cancelled" && dependent.state !== "memory") return true;
  }
  return false;
}
