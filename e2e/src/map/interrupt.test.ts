// Ctrl-C and SIGTERM as a person or a batch system sends them to a program with a map: what is done
// stays, the exit code tells, nothing is left behind.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";

const program = fileURLToPath(new URL("./fixtures/interrupted.mjs", import.meta.url));

/** The program once its first calls are done; found again by a mark in its environment. */
async function begun(how = "") {
  const folder = mkdtempSync(join(tmpdir(), "interrupted-"));
  const outputDir = join(folder, "out");
  const mark = `ACME_TEST_MARK=${folder}`;
  onTestFinished(() => {
    for (const pid of processesWith(mark)) process.kill(pid, "SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  const running = execa("node", [program, outputDir, how], {
    env: { ACME_TEST_MARK: folder },
    reject: false,
    all: true,
    timeout: 90_000,
  });
  await new Promise<void>((resolve) => {
    running.stdout.on("data", (text) => String(text).includes("begun") && resolve());
    void running.then(() => resolve());
  });
  return { running, outputDir, mark };
}

function processesWith(mark: string): number[] {
  const pids = readdirSync("/proc").map(Number).filter(Number.isInteger);
  return pids.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(mark);
    } catch {
      return false;
    }
  });
}

test.each([
  ["SIGINT", 130, "Ctrl-C"],
  ["SIGTERM", 143, "SIGTERM"],
] as const)("%s cancels, keeps what is done, and exits with %i", async (signal, code, name) => {
  const { running, outputDir, mark } = await begun();
  expect(processesWith(mark).length).toBeGreaterThan(1);
  running.kill(signal);
  const { exitCode, all } = await running;
  expect(exitCode).toBe(code);
  expect(all).toContain(`${name}: cancelling; what is done is kept`);
  expect(all).toContain("4 of 20 calls of map are done");
  expect(all).toContain(outputDir);
  expect(readdirSync(join(outputDir, "map_payload")).sort()).toEqual(
    [0, 1, 2, 3].map((i) => `map_${i}.h5`),
  );
  await expect.poll(() => processesWith(mark), { timeout: 10_000 }).toEqual([]);
});

test("a second Ctrl-C leaves at once, even from calls that never wait", async () => {
  const { running, outputDir, mark } = await begun("stuck");
  running.kill("SIGINT");
  await delay(50);
  const secondMs = performance.now();
  running.kill("SIGINT");
  expect((await running).exitCode).toBe(130);
  // The calls themselves take a minute.
  expect(performance.now() - secondMs).toBeLessThan(3_000);
  expect(existsSync(join(outputDir, "map_payload", "map_3.h5"))).toBe(true);
  await expect.poll(() => processesWith(mark), { timeout: 20_000 }).toEqual([]);
});

test("a program that listens for Ctrl-C itself is left alone", async () => {
  const { running, mark } = await begun("own-handler");
  running.kill("SIGINT");
  await delay(500);
  expect(processesWith(mark).length).toBeGreaterThan(1);
  running.kill("SIGKILL");
  const { stdout, all } = await running;
  expect(stdout).toContain("mine");
  expect(all).not.toContain("cancelling");
  await expect.poll(() => processesWith(mark), { timeout: 30_000 }).toEqual([]);
});
