// Goal: our workers join an unmodified `dask scheduler` and do right there, beside workers of dask's.
// Method: programs of Python users; what a scheduler without languages sends to the wrong worker too.
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { daskSite } from "./dask-site.js";
import { pythonFor } from "./site.js";

const timeout = 300_000;
const tasks = fileURLToPath(new URL("fixtures/tasks.mjs", import.meta.url));

const preamble = `
import operator, time, warnings
warnings.simplefilter("error")
import numpy
from distributed import Client, wait

JS = {"LANG-js": 1}
def js(name):
    return operator.methodcaller("__js__", ${JSON.stringify(`${tasks}#`)} + name)
`;

it("runs what Python programs name, over TLS", { timeout }, async (context) => {
  await using site = await daskSite({ python: pythonFor(context) });
  await Promise.all([site.startNodeWorkers(2), site.startPythonWorkers(1)]);
  const lines = await site.run(`${preamble}
if __name__ == "__main__":
    # No warning of versions that differ: there is nothing of Python in our workers to compare.
    client = Client(timeout="20s")
    workers = client.scheduler_info(n_workers=-1)["workers"]
    print([worker["resources"] for worker in workers.values() if worker["resources"]])
    python = [address for address, worker in workers.items() if not worker["resources"]]
    print(client.submit(js("square"), 7, resources=JS).result())
    print(sum(client.gather(client.map(js("square"), range(200), resources=JS))))
    array = client.submit(numpy.arange, 1e6, workers=python)
    total = client.submit(js("sum"), array, resources=JS)
    print(total.result(), client.submit(js("ramp"), 1000, resources=JS).result().sum())
    many = client.map(js("later"), range(50), resources=JS)
    print(client.submit(js("sum"), many, resources=JS).result())
    one = client.submit(js("ramp"), 10, resources=JS)
    wait(one)
    client.replicate([one], n=3)
    print(len(client.who_has([one])[one.key]))
    try:
        client.submit(js("fail"), "too far", resources=JS).result()
    except RuntimeError as error:
        print(error, error.js_name)
    print(sorted(set(client.get_versions(check=True))))
    client.close()
`);
  expect(lines.split("\n")).toEqual([
    "[{'LANG-js': 1}, {'LANG-js': 1}]",
    ...["49", String((199 * 200 * 399) / 6)],
    ...["499999500000 499500.0", String((50 * 51) / 2), "3"],
    "RangeError: too far RangeError",
    "['client', 'scheduler', 'workers']",
  ]);
});

it("gives back what only Python can run, and fails what nobody can", {
  timeout,
}, async (context) => {
  await using site = await daskSite({ python: pythonFor(context), insecure: true });
  await site.startNodeWorkers(2);
  await site.startPythonWorkers(1);
  const lines = await site.run(`${preamble}
if __name__ == "__main__":
    client = Client(timeout="20s")
    # Asks for nothing: two of three workers are the wrong ones.
    print(sum(client.gather(client.map(lambda x: x + 1, range(60)))))
    chain = client.submit(lambda: [1, 2])
    for _ in range(10):
        chain = client.submit(sorted, chain)
    print(chain.result())
    try:
        client.submit(len, [1], resources=JS).result()
    except RuntimeError as error:
        print(str(error).splitlines()[0])
    client.close()
`);
  expect(lines.split("\n")).toEqual([
    String((60 * 61) / 2),
    "[1, 2]",
    expect.stringMatching(/^ForeignTaskError: task len-\w+ calls builtins.len, which is Python's/),
  ]);
});
