// What comes of errands: unfolded graphs are applied, layouts handed out, and whoever wanted what
// cannot be done is told. Who did it is not known here.
import { assertNever } from "@acme/protocol";
import type { SchedulerEvent } from "../events.js";
import { shufflePlanned } from "../extensions/shuffle/plan.js";
import { materialized } from "../foreign-updates.js";
import type { Turn } from "../turn.js";
import { end, failed, helperAnswered, tendErrands } from "./assign.js";

export type ErrandEvent = Extract<
  SchedulerEvent,
  { type: "materialized" | "shuffle-planned" | "errand-failed" | "helper-answered" }
>;

export function errandEvent(turn: Turn, event: ErrandEvent): void {
  switch (event.type) {
    case "materialized": {
      const task = end(turn, event.errandId);
      if (task?.type === "unfold") materialized(turn, event.errandId, task, event.graph);
      return;
    }
    case "shuffle-planned": {
      const task = end(turn, event.errandId);
      if (task?.type === "lay-out") shufflePlanned(turn, task.plan.planId, event.layout);
      return;
    }
    case "errand-failed":
      failed(turn, event.errandId, event.message);
      return;
    case "helper-answered":
      helperAnswered(turn, event);
      return;
    default:
      assertNever(event);
  }
}

/** Gives out what waits, and gives up what nobody can do. */
export function passErrandTime(turn: Turn): void {
  for (const { id, task, error } of tendErrands(turn)) {
    if (task.type === "unfold") materialized(turn, id, task, { error });
    else shufflePlanned(turn, task.plan.planId, { error });
  }
}
