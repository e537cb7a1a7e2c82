// Goal: what a Python client asks of all workers works where some of them are ours. Method: one program
// on our scheduler with workers of both kinds.
import { fileURLToPath } from "node:url";
import { Client } from "@acme/client";
import { openClusterDirectory } from "@acme/credentials";
import { expect, it } from "vitest";
import { pythonSite } from "./site.js";

const tasks = fileURLToPath(new URL("fixtures/tasks.mjs", import.meta.url));

const program = `
import operator, os
import dask.array
from distributed import Client, wait

def js(name):
    return operator.methodcaller("__js__", ${JSON.stringify(`${tasks}#`)} + name)

if __name__ == "__main__":
    client = Client(timeout="20s")
    print(len(client.run(os.getpid)), len(client.ncores()))
    client.get_versions(check=True)
    one, two = client.scatter([1, 2])
    print(client.gather(client.submit(operator.add, one, client.submit(js("square"), two))))
    x = dask.array.random.default_rng(0).random((400, 400), chunks=(100, 100)).persist()
    wait(x)
    print(x.T.dot(x).sum().compute() == (x.T.dot(x)).sum().compute())
    data = client.submit(js("ramp"), 1000)
    wait(data)
    client.replicate([data], n=3)
    print(len(client.who_has([data])[data.key]), data.result().sum())
    print(client.submit(lambda a: float(a.sum()), data).result())
    client.rebalance()
    print(sorted(client.submit(sorted, client.map(js("square"), [3, 1, 2])).result()))
    future = client.submit(js("later"), 1)
    del one, two, x, data
    print(future.result())
    client.close()
`;

const awaitsError = `
import sys
from distributed import Client, Future

if __name__ == "__main__":
    client = Client(timeout="20s")
    try:
        client.submit(str, Future(sys.argv[1], client)).result(timeout=20)
    except RuntimeError as error:
        print(error, error.js_name, "at walk" in error.js_stack)
    client.close()
`;

it("tells a Python client of an error in a task of ours", { timeout: 300_000 }, async (context) => {
  await using site = await pythonSite(context);
  await site.startWorkers(1);
  await site.startNodeWorkers(1);
  const { security } = openClusterDirectory(site.home.file("clusters/python"));
  await using client = await Client.connect(site.address, { security });
  const failed = client.submit(function walk() {
    throw new RangeError("too far");
  }, []);
  await expect(failed.result()).rejects.toThrow("too far");
  const told = await site.run(awaitsError, [String(failed.key)]);
  expect(told).toBe("RangeError: too far RangeError True");
  // Held until now: what nobody wants is forgotten.
  failed.release();
});

it("serves Python clients beside workers of ours", { timeout: 300_000 }, async (context) => {
  await using site = await pythonSite(context);
  await site.startWorkers(2);
  await site.startNodeWorkers(2);
  expect((await site.run(program)).split("\n")).toEqual([
    ...["2 4", "5", "True", "3 499500.0", "499500.0", "[1, 4, 9]", "2"],
  ]);
});
