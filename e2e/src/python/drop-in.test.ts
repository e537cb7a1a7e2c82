// Goal: unmodified Python clients and workers of the newest dask work on our scheduler as on
// dask's. Method: programs as users write them, over TLS and in plaintext.
import { describe, expect, it } from "vitest";
import { pythonSite } from "./site.js";

const futures = `
import operator, time
from distributed import Client, wait

def inc(x):
    return x + 1

def fails():
    raise KeyError("no such thing")

if __name__ == "__main__":
    client = Client(timeout="20s")
    print(client.submit(operator.add, 1, 2).result())
    doubled = client.map(lambda x: 2 * x, range(10))
    print(client.gather(doubled))
    print(client.submit(sum, doubled).result())
    one, two = client.scatter([1, 2])
    print(client.submit(operator.sub, two, one).result(), client.gather({"a": one}))
    chain = one
    for _ in range(20):
        chain = client.submit(inc, chain)
    print(chain.result())
    try:
        client.submit(inc, client.submit(fails)).result()
    except KeyError as error:
        print(type(error).__name__, error)
    slow = client.submit(time.sleep, 3)
    time.sleep(0.5)
    slow.cancel()
    print(slow.status)
    many = client.map(inc, range(300))
    wait(many)
    print(sum(client.gather(many)))
    del doubled, many
    client.close()
`;

const printed = `3
[0, 2, 4, 6, 8, 10, 12, 14, 16, 18]
90
1 {'a': 1}
21
KeyError 'no such thing'
cancelled
45150`;

describe("an unmodified client and unmodified workers", () => {
  const kinds: [string, boolean, boolean][] = [
    ["over TLS, with nannies", false, true],
    ["in plaintext, without nannies", true, false],
  ];
  it.for(kinds)("%s", { timeout: 300_000 }, async ([, insecure, nanny], context) => {
    await using site = await pythonSite(context, { insecure });
    await site.startWorkers(2, { nanny });
    expect(await site.run(futures)).toBe(printed);
  });
});

const foreignModule = `
import pathlib, sys, tempfile
from distributed import Client

if __name__ == "__main__":
    folder = tempfile.mkdtemp()
    pathlib.Path(folder, "only_here.py").write_text("def f(x):\\n    return x\\n")
    sys.path.insert(0, folder)
    import only_here
    client = Client(timeout="20s")
    client.wait_for_workers(2)
    before = set(client.scheduler_info(n_workers=-1)["workers"])
    for _ in range(2):
        try:
            client.submit(only_here.f, 1, pure=False).result(timeout=20)
        except RuntimeError as error:
            print("deserialization" in str(error))
    print(client.submit(abs, -1).result(timeout=20))
    print(before == set(client.scheduler_info(n_workers=-1)["workers"]))
`;

const nobodyThere = `
from distributed import Client

if __name__ == "__main__":
    client = Client(timeout="20s")
    futures = client.map(lambda x: x + 1, range(3))
    try:
        client.gather(futures)
    except RuntimeError as error:
        print(error)
    client.close()
`;

const waitsForWork = `
import time
from distributed import Client

if __name__ == "__main__":
    client = Client(timeout="20s")
    futures = client.map(lambda x: x + 1, range(3))
    print(client.gather(futures, errors="skip"))
    client.close()
`;

// Beside each other: one of them waits for half a minute.
describe.concurrent("where something is missing", () => {
  it("without workers the helper unfolds graphs, which wait for them", {
    timeout: 300_000,
  }, async (context) => {
    await using site = await pythonSite(context, { python: "own" });
    const running = site.run(waitsForWork);
    await site.untilTasks(3);
    await site.startWorkers(1, { nanny: false });
    expect(await running).toBe("[1, 2, 3]");
  });

  it("without a helper a client is told what to do", {
    timeout: 300_000,
  }, async (context) => {
    await using site = await pythonSite(context, { python: "none" });
    const said = await site.run(nobodyThere);
    expect(said).toContain("No Python worker is connected, and there is no helper.");
    expect(said).toContain("Start a Python worker (`dask worker`)");
  });

  it("what workers cannot import fails, and the workers stay", {
    timeout: 200_000,
  }, async (context) => {
    await using site = await pythonSite(context);
    await site.startWorkers(2, { nanny: false });
    expect(await site.run(foreignModule)).toBe("True\nTrue\n1\nTrue");
  });
});
