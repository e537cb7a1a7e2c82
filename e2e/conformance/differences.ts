// What may differ between the two schedulers, each with its reason, in one committed file. Judges
// nothing by itself.
import { readFileSync } from "node:fs";
import { programs } from "./places.js";

let reasons: ReadonlyMap<string, string> | undefined;

/** Why a program may give something else on our scheduler; undefined if it may not. */
export function explained({ topic, name }: { topic: string; name: string }): string | undefined {
  reasons ??= new Map(
    Object.entries(JSON.parse(readFileSync(`${programs}differences.json`, "utf8"))),
  );
  return reasons.get(`${topic}: ${name}`);
}
