// The table says what the record says, in a form that the formatter leaves alone.
import { expect, it } from "vitest";
import { tableOf } from "./page.js";

it("has a row per part, and one each for scheduler and workers", () => {
  const entry = {
    program: "bag",
    commit: "0",
    date: "2026-01-01",
    workers: 2,
    tls: true,
    equal: true,
    versions: {},
    seconds: { dask: { "word count": 3 }, acme: { "word count": 1.5 } },
    schedulerCpuSeconds: { dask: 1, acme: 0.25 },
    workerCpuSeconds: { dask: 4, acme: 5 },
    foreignShare: { dask: 0.011, acme: 0.2 },
  };
  expect(tableOf([entry]).split("\n")).toEqual([
    "| program | part            | dask, s | acme, s | dask / acme | results          |",
    "| ------- | --------------- | ------- | ------- | ----------- | ---------------- |",
    "| bag     | word count      | 3.00    | 1.50    | 2.00        | equal            |",
    "| bag     | scheduler's CPU | 1.00    | 0.25    | 4.00        | others 1 %, 20 % |",
    "| bag     | workers' CPU    | 4.00    | 5.00    | 0.80        | others 1 %, 20 % |",
    "",
  ]);
});
