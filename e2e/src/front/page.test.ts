// The status page in a real browser while a map runs: it shows numbers that are true, and the
// browser has nothing to complain about.
import { Client } from "@acme/acme";
import { execa } from "execa";
import { expect, it } from "vitest";
import { startMs, TestFolder } from "../commands/processes.js";
import { toolPath } from "./debian-tool.js";
import { NamedCluster } from "./named-cluster.js";

const tasks = 4000;

it("shows a map at work", async (context) => {
  const chromium = await toolPath(context, "chromium", "chromium");
  await using cluster = await new NamedCluster("page").started();
  cluster.startWorkers(2);
  const client = await Client.connect({ schedulerFile: cluster.contactFile });
  try {
    const nap = (_: number) => new Promise((resolve) => setTimeout(resolve, 20, null));
    const futures = client.map(nap, [Array.from({ length: tasks }, (_, i) => i)]);
    const finished = async () => (await cluster.status()).ended.finished;
    await expect.poll(finished, { timeout: startMs }).toBeGreaterThan(0);
    const { stderr: report } = await cluster.acme("status", cluster.name);
    const link = /^http:.*$/m.exec(report)?.[0] as string;
    const before = await finished();
    const { page, complaints } = await browse(chromium, link);
    const after = await finished();
    console.info(`between ${before} and ${after} of ${tasks} done when the page was read`);
    const [, done, made] = /nap ([\d,]+) of ([\d,]+) /.exec(page) ?? [];
    const count = (text = "") => Number(text.replaceAll(",", ""));
    expect(count(made)).toBe(tasks);
    expect(count(done)).toBeGreaterThanOrEqual(before);
    expect(count(done)).toBeLessThanOrEqual(after);
    expect(page).toMatch(/acme up .*, 1 client live /);
    expect(page).toContain("of 2 threads at work");
    expect(page.match(/ running now/g)).toHaveLength(2);
    expect(page).toMatch(/Events .* connected/);
    expect(complaints).toEqual([]);
    expect(futures).toHaveLength(tasks);
  } finally {
    await client.close();
  }
});

/** The text of a page after some seconds of its time, and what the browser's console said. */
async function browse(chromium: string, link: string) {
  using profile = new TestFolder();
  const { stdout, stderr } = await execa(chromium, [
    ...["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"],
    ...[`--user-data-dir=${profile.path}`, "--virtual-time-budget=2500", "--dump-dom", link],
  ]);
  const page = stdout.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
  return { page, complaints: stderr.split("\n").filter((line) => line.includes("CONSOLE")) };
}
