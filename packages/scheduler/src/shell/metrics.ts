// The scheduler's numbers in Prometheus' text form, under the names dask gives them.
// Reads the state and the loop's counters, and counts nothing itself. Corresponds to
// distributed/http/scheduler/prometheus.
import type { TurnLoop } from "@acme/comm";
import type { SchedulerState } from "../core/index.js";

type LoopCounters = TurnLoop<never, never>["counters"];

export function metricsText(state: SchedulerState, counters: LoopCounters, id: string): string {
  const lines: string[] = [];
  const metric = (name: string, type: "gauge" | "counter", help: string) => {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    return (value: number, labels = "") => lines.push(`${name}${labels} ${value}`);
  };
  metric("dask_scheduler_clients", "gauge", "Number of clients connected")(state.clients.size);
  const workers = metric("dask_scheduler_workers", "gauge", "Number of workers by status");
  for (const [status, count] of countByStatus(state)) workers(count, label("state", status));
  const tasks = metric("dask_scheduler_tasks", "gauge", "Number of tasks by state");
  for (const [name, count] of Object.entries(state.counters.states)) {
    tasks(count, label("state", name));
  }
  metric("acme_scheduler_threads", "gauge", "Slots of all workers")(state.totalThreads);
  metric("acme_scheduler_steps_total", "counter", "Steps of the core")(counters.steps);
  metric("acme_scheduler_events_total", "counter", "Events of the core")(counters.events);
  metric(
    "acme_scheduler_busy_seconds_total",
    "counter",
    "Time inside steps",
  )(counters.busyMs / 1000);
  metric(
    "acme_scheduler_longest_step_seconds",
    "gauge",
    "Longest step so far",
  )(counters.longestStepMs / 1000);
  metric("acme_scheduler_info", "gauge", "Identity of this scheduler")(1, label("id", id));
  return `${lines.join("\n")}\n`;
}

/** A label as Prometheus wants it; the values here are names of our own, or an id. */
function label(name: string, value: string): string {
  const escaped = value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n");
  return `{${name}="${escaped}"}`;
}

function countByStatus(state: SchedulerState): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { status } of state.workers.values()) {
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  return counts;
}
