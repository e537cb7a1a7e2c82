// The command `acme` beside a real scheduler: what shells read is on stdout and nothing else, and
// the token goes to nobody who is not the cluster's own scheduler.
import { createServer } from "node:http";
import { expect, it } from "vitest";
import { NamedCluster } from "./named-cluster.js";

it("lists, prints an environment, and tells a status", async () => {
  await using cluster = await new NamedCluster("front").started();
  const list = await cluster.acme("list");
  expect([list.exitCode, list.stdout]).toEqual([0, ""]);
  expect(list.stderr).toMatch(/^front {2}alive {2}tls:\/\/127\.0\.0\.1:\d+ {2}process \d+$/);
  const env = await cluster.acme("env", "front");
  expect([env.exitCode, env.stderr]).toEqual([0, ""]);
  const lines = env.stdout.split("\n");
  expect(lines).toHaveLength(9);
  for (const line of lines) expect(line).toMatch(/^export DASK_[A-Z_]+=[\w:/.-]+$/);
  const status = await cluster.acme("status", "front");
  expect([status.exitCode, status.stdout]).toEqual([0, ""]);
  expect(status.stderr).toContain(`${cluster.pageUrl}/status?token=${cluster.token}`);
  const json = await cluster.acme("status", "front", "--json");
  expect(JSON.parse(json.stdout)).toMatchObject({ workerCount: 0, tasks: { memory: 0 } });
});

it("gives the token to no stranger on the port of a scheduler that is gone", async () => {
  await using cluster = await new NamedCluster("gone").started();
  const { httpPort } = cluster;
  cluster.scheduler.kill("SIGKILL");
  await cluster.scheduler;
  expect((await cluster.acme("list")).stderr).toMatch(/^gone {2}stale /);
  let asked = 0;
  const stranger = createServer((_, response) => {
    asked += 1;
    response.end("{}");
  });
  await new Promise<void>((resolve) => stranger.listen(httpPort, "127.0.0.1", resolve));
  const status = await cluster.acme("status", "gone");
  stranger.close();
  expect([status.exitCode, asked]).toEqual([1, 0]);
  expect(status.stderr).toMatch(/Nobody of the cluster gone answers .* acme-scheduler --name gone/);
  const nobody = await cluster.acme("env", "nobody");
  expect([nobody.exitCode, nobody.stdout]).toEqual([1, ""]);
  expect(nobody.stderr).toMatch(/^acme: There is no cluster directory/);
});
