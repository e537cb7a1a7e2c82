// Goal: what a Python client asks of all workers works where some of them are ours. Method: one program
// on our scheduler with workers of both kinds.
import { fileURLToPath } from "node:url";
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

it("serves Python clients beside workers of ours", { timeout: 300_000 }, async (context) => {
  await using site = await pythonSite(context);
  await site.startWorkers(2);
  await site.startNodeWorkers(2);
  expect((await site.run(program)).split("\n")).toEqual([
    ...["2 4", "5", "True", "3 499500.0", "499500.0", "[1, 4, 9]", "2"],
  ]);
});
