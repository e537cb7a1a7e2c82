// A Python client of the newest dask with nothing but the environment that `acme env` prints: it
// finds the scheduler, both sides believe each other, and it learns whom it talks to.
import { execa } from "execa";
import { expect, it } from "vitest";
import { pythonFor } from "../python/site.js";
import { NamedCluster } from "./named-cluster.js";

const program = `
from distributed import Client
client = Client(timeout="20s")
print(client.scheduler_info(n_workers=0)["id"], client.scheduler.address)
`;

it("lets a Python client in", { timeout: 300_000 }, async (context) => {
  const python = pythonFor(context);
  await using cluster = await new NamedCluster("python").started();
  const { stdout: lines } = await cluster.acme("env", "python");
  const { stdout } = await execa("sh", ["-c", `${lines}\nexec "${python}" -c '${program}'`]);
  expect(stdout).toMatch(/^Scheduler-[0-9a-f-]{36} tls:\/\/127\.0\.0\.1:\d+$/);
});
