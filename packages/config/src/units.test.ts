// Units against dask's own tables (its test_parse_bytes, test_parse_timedelta, format_bytes and
// format_time), and the clock times that dask lacks.

import { describe, expect, it } from "vitest";
import { ConfigError } from "./errors.js";
import { formatBytes, formatDuration, parseBytes, parseDurationMs } from "./units.js";

describe("parseBytes", () => {
  it.each([
    ["100", 100],
    ["100 MB", 100e6],
    ["100M", 100e6],
    ["5kB", 5000],
    ["5.4 kB", 5400],
    ["1kiB", 1024],
    ["1Mi", 2 ** 20],
    ["1e6", 1_000_000],
    ["1e6 kB", 1e9],
    ["MB", 1e6],
    ["123.0", 123],
    ["4 GiB", 4 * 2 ** 30],
    ["4GB", 4e9],
    ["500 MB", 500e6],
    ["5 PiB", 5 * 2 ** 50],
    [".5GB", 5e8],
    ["5 B", 5],
    [123, 123],
    [12.7, 12],
    [0.5, 0],
    ["0", 0],
  ])("reads %j as %d", (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });

  it("takes shares of a whole when there is one", () => {
    const options = { wholeBytes: 8e9 };
    expect(parseBytes(0.5, options)).toBe(4e9);
    expect(parseBytes("0.25", options)).toBe(2e9);
    expect(parseBytes("50%", options)).toBe(4e9);
    expect(parseBytes(1, options)).toBe(8e9);
    expect(parseBytes("2 GB", options)).toBe(2e9);
    expect(parseBytes(1024, options)).toBe(1024);
  });

  it.each(["5 foos", "", "1.2.3", "-5 MB", "4 G iB x", "50%", "GiB4", Number.NaN, -1, Infinity])(
    "refuses %j",
    (text) => {
      expect(() => parseBytes(text)).toThrow(ConfigError);
    },
  );

  it("refuses more than the whole", () => {
    expect(() => parseBytes("120%", { wholeBytes: 10 })).toThrow(/not a size/);
  });
});

describe("parseDurationMs", () => {
  it.each([
    ["1s", 1000],
    ["100 ms", 100],
    ["5S", 5000],
    ["5.5s", 5500],
    ["5.5 s", 5500],
    ["1 second", 1000],
    ["3.3 seconds", 3300],
    ["10 m", 600_000],
    ["1 min", 60_000],
    ["2h", 7_200_000],
    ["3 days", 259_200_000],
    ["1w", 604_800_000],
    ["4us", 0.004],
    ["60", 60_000],
    [5, 5000],
    [0.5, 500],
    ["01:00:00", 3_600_000],
    ["1-00:00:00", 86_400_000],
    ["2-12", 216_000_000],
    ["0-00:30", 1_800_000],
    ["30:15", 1_815_000],
    ["1:02:03", 3_723_000],
  ])("reads %j as %d ms", (text, durationMs) => {
    expect(parseDurationMs(text)).toBeCloseTo(durationMs, 9);
  });

  it("takes another unit for bare numbers", () => {
    expect(parseDurationMs(250, { defaultUnit: "ms" })).toBe(250);
    expect(parseDurationMs("30", { defaultUnit: "m" })).toBe(1_800_000);
    expect(parseDurationMs("30s", { defaultUnit: "m" })).toBe(30_000);
  });

  it.each(["1 foo", "", "-1s", "1:2:3:4", "1-", "a:b", Number.NaN])("refuses %j", (text) => {
    expect(() => parseDurationMs(text)).toThrow(ConfigError);
  });
});

it.each([
  [0, "0 B"],
  [920, "920 B"],
  [930, "0.91 kiB"],
  [921.23 * 2 ** 10, "921.23 kiB"],
  [931.23 * 2 ** 10, "0.91 MiB"],
  [921.23 * 2 ** 20, "921.23 MiB"],
  [931.23 * 2 ** 20, "0.91 GiB"],
  [921.23 * 2 ** 30, "921.23 GiB"],
  [931.23 * 2 ** 30, "0.91 TiB"],
  [921.23 * 2 ** 40, "921.23 TiB"],
  [931.23 * 2 ** 40, "0.91 PiB"],
  [2 ** 60, "1024.00 PiB"],
])("prints %d bytes as %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

it.each([
  [1.4, "1.40 s"],
  [10.4, "10.40 s"],
  [100.4, "100.40 s"],
  [1000.4, "16m 40s"],
  [10000.4, "2hr 46m"],
  [1234567, "14d 6hr"],
  [0.001, "1.00 ms"],
  [0.01234, "12.34 ms"],
  [0.00012345, "123.45 us"],
])("prints %d s as %s", (seconds, text) => {
  expect(formatDuration(seconds * 1000)).toBe(text);
});
