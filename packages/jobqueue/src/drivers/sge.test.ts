// What Grid Engine prints, as 8.1.9 did it.
import { readFileSync } from "node:fs";
import { loadConfig } from "@acme/config";
import { describe, expect, it } from "vitest";
import { resolveJob } from "../options/resolve-job.js";
import { sge } from "./sge.js";

const fixture = (name: string) =>
  readFileSync(new URL(`./fixtures/${name}`, import.meta.url), "utf8");
const xml = fixture("qstat-sge.xml");

describe("qstat -xml", () => {
  const jobs = sge.parsePoll(xml);
  const find = (jobId: string, index: number | null) =>
    jobs.find(({ ref }) => ref.jobId === jobId && ref.index === index);

  it("names every waiting element", () => {
    const waiting = (jobId: string) =>
      jobs.filter(
        ({ ref, state }) => ref.jobId === jobId && (state === "pending" || state === "held"),
      );
    expect(waiting("42").map(({ ref }) => ref.index)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
    ]);
    expect(waiting("38").map(({ ref }) => ref.index)).toEqual([3, 5, 7, 9]);
    expect(waiting("35").map(({ ref }) => ref.index)).toEqual([1, 2]);
  });

  it.each([
    ["32", 1, { state: "running", nodes: "grid1", word: "r", reason: "", restarts: 0 }],
    ["33", null, { state: "running" }],
    ["34", 2, { state: "running", restarts: 1 }],
    ["36", null, { state: "running", word: "s" }],
    ["41", null, { state: "ending", word: "dr" }],
    ["35", 2, { state: "held", reason: expect.stringContaining("error"), nodes: "" }],
    ["37", 1, { state: "held", reason: "" }],
    ["39", null, { state: "pending", startMs: null }],
  ])("reads %s, element %j", (jobId, index, expected) => {
    expect(find(jobId, index)).toMatchObject(expected);
  });

  it("has no job that was deleted", () => {
    expect(find("32", 2)).toBeUndefined();
  });

  it("knows when a job began", () => {
    const began = /<JB_job_number>33<[\s\S]*?<JAT_start_time>(.*?)</.exec(xml)?.[1] as string;
    expect(find("33", null)?.startMs).toBe(Date.parse(began));
  });

  it("has no jobs when there are none, and is no answer when it is cut", () => {
    expect(sge.parsePoll(fixture("qstat-sge-empty.xml"))).toEqual([]);
    const refused = expect.objectContaining({ code: "BATCH_OUTPUT" });
    expect(() => sge.parsePoll("error: commlib error: got select error")).toThrow(refused);
    expect(() => sge.parsePoll(xml.slice(0, 700))).toThrow(refused);
    expect(() => sge.parsePoll("<html></html>")).toThrow(refused);
  });
});

describe("qsub -terse", () => {
  it.each([
    ["2.1-3:1\n", 3, [1, 2, 3]],
    ["warning: no host\n2.1-1:1\n", 1, [1]],
  ])("printed %j", (stdout, count, indices) => {
    const refs = indices.map((index) => ({ jobId: "2", index }));
    expect(sge.parseSubmit(stdout, count)).toEqual(refs);
  });

  it("printed no job id", () => {
    expect(() => sge.parseSubmit("Unable to run job\n", 1)).toThrow(
      expect.objectContaining({ code: "BATCH_OUTPUT" }),
    );
  });
});

describe("the shell of a job", () => {
  it.each([
    ["#!/usr/bin/env bash", "#$ -S /bin/bash"],
    ["#!/bin/zsh -l", "#$ -S /bin/zsh"],
    ["#!/usr/bin/env zsh", undefined],
  ])("for %s", (shebang, line) => {
    const config = loadConfig({ env: {}, homeDir: "/nowhere" });
    const context = { system: "sge", config, nodePath: "node", logDirectory: "/logs" } as const;
    const job = resolveJob({ cores: 1, shebang }, context);
    const script = sge.script(job, { tag: "t", workerCommand: "node worker.js" });
    expect(script.split("\n").find((text) => text.startsWith("#$ -S"))).toBe(line);
  });
});
