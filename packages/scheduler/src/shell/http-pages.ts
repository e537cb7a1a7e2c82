// What the scheduler shows over HTTP, by path: the status page, its numbers, and metrics.
// Who may see it is http-access.ts's to say. Numbers are read through the core's view.
import { readFileSync } from "node:fs";
import type { TurnLoop } from "@acme/comm";
import { type SchedulerState, view } from "../core/index.js";
import { shellLimits } from "./limits.js";
import { metricsText } from "./metrics.js";

export interface Page {
  readonly contentType: string;
  body(): string | Buffer;
}

/** What pages tell about. */
export interface PageSource {
  readonly id: string;
  readonly state: SchedulerState;
  readonly counters: TurnLoop<never, never>["counters"];
}

export function httpPages({ id, state, counters }: PageSource): ReadonlyMap<string, Page> {
  const status = rarely(shellLimits.statusAgeMs, () => {
    const { busyMs, longestStepMs } = counters;
    const loop = { busyMs, longestStepMs };
    return JSON.stringify({ ...view.status(state), atMs: nowMs(), loop });
  });
  return new Map<string, Page>([
    ["/status", file("status.html", "text/html")],
    ["/status.css", file("status.css", "text/css")],
    ["/status.js", file("status.js", "text/javascript")],
    ["/status.json", { contentType: "application/json", body: status }],
    [
      "/metrics",
      {
        contentType: "text/plain; version=0.0.4; charset=utf-8",
        body: () => metricsText(state, counters, id),
      },
    ],
  ]);
}

function file(name: string, type: string): Page {
  const body = readFileSync(new URL(`../../page/${name}`, import.meta.url));
  return { contentType: `${type}; charset=utf-8`, body: () => body };
}

const nowMs = (): number => performance.timeOrigin + performance.now();

/** Makes a text anew only when the last one is older than this, however many ask for it. */
function rarely(ageMs: number, make: () => string): () => string {
  let text = "";
  let madeMs = Number.NEGATIVE_INFINITY;
  return () => {
    if (performance.now() - madeMs < ageMs) return text;
    text = make();
    madeMs = performance.now();
    return text;
  };
}
