// Goal: results are right although the process that unfolds a graph is killed over it, be it a worker
// or the helper; and nobody goes on with a graph whose client has left. Method: the graph itself says
// which process opens it, and makes that take long.
import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { pythonSite } from "./site.js";

const program = `
import os, pathlib, signal, sys, time
from distributed import Client

class Witness:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return opened, (self.path, os.getpid())

def opened(path, packer):
    file = pathlib.Path(path)
    if os.getpid() != packer and not file.exists():
        file.write_text(str(os.getpid()))
        time.sleep(60)
    return Witness(path)

if __name__ == "__main__" and "--leave" in sys.argv:
    client = Client(timeout="20s")
    future = client.submit(id, Witness(sys.argv[1]))
    while not os.path.exists(sys.argv[1]):
        time.sleep(0.05)
    print(client.scheduler_info()["type"], pathlib.Path(sys.argv[1]).exists())
elif __name__ == "__main__":
    client = Client(timeout="20s")
    witness = Witness(sys.argv[1])
    futures = client.map(lambda x, w: x + 1, range(200), w=witness)
    behind = client.submit(sum, futures)
    file = pathlib.Path(witness.path)
    while not file.exists() or not file.read_text():
        time.sleep(0.05)
    os.kill(int(file.read_text()), signal.SIGKILL)
    print(sum(client.gather(futures)), behind.result())
    client.close()
`;

it("a worker is killed", { timeout: 300_000 }, async (context) => {
  await using site = await pythonSite(context, { python: "none" });
  await site.startWorkers(3, { nanny: false });
  const said = await site.run(program, [site.home.file("opened-by")]);
  expect(said).toBe("20100 20100");
  expect(await site.workers()).toHaveLength(2);
});

it("the helper is killed", { timeout: 300_000 }, async (context) => {
  await using site = await pythonSite(context, { python: "own" });
  await site.startWorkers(2, { nanny: false });
  const said = await site.run(program, [site.home.file("opened-by")]);
  expect(said).toBe("20100 20100");
  expect(await site.workers()).toHaveLength(2);
});

it("goes on as long as its client is there, and no longer", {
  timeout: 120_000,
}, async (context) => {
  await using site = await pythonSite(context, { python: "own" });
  const opened = site.home.file("opened-by");
  expect(await site.run(program, [opened, "--leave"])).toBe("Scheduler True");
  const helper = Number(readFileSync(opened, "utf8"));
  await expect.poll(() => existsSync(`/proc/${helper}`), { timeout: 10_000 }).toBe(false);
});
