// Goal: whoever looks after a cluster with an unmodified dask client can do on our scheduler what
// dask's own lets them: see, copy, move, extend, restart, retire. What would need Python inside the
// scheduler is refused by an exception that says so. Method: programs as users write them.
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { pythonSite } from "./site.js";

const seeing = `
import operator, os, time
from distributed import Client, get_task_stream, get_worker, progress, wait
from distributed.cluster_dump import DumpArtefact
from distributed.diagnostics.progressbar import MultiProgressBar

def inc(x):
    return x + 1

class Bars(MultiProgressBar):
    def _draw_bar(self, **counts):
        self.last = counts

if __name__ == "__main__":
    os.chdir(os.path.dirname(os.path.abspath(__file__)))
    client = Client(timeout="20s")
    info = client.scheduler_info(n_workers=-1)
    print(info["type"], info["n_workers"], info["total_threads"], len(info["workers"]))
    print(sorted(client.nthreads().values()), len(client._repr_html_()) > 1000)
    x = client.submit(inc, 1, key="x-1")
    y = client.submit(inc, x, key=("y", 2))
    wait([x, y])
    print([len(client.who_has([one])[one.key]) for one in (x, y)])
    print(sorted(key for keys in client.has_what().values() for key in map(str, keys)))
    print(client.nbytes(), client.nbytes(summary=False)["x-1"])
    print([len(keys) for keys in client.processing().values()])
    slow = client.submit(time.sleep, 2, key="slow")
    time.sleep(0.5)
    (stack,) = client.call_stack([slow]).values()
    print(list(stack), sum(map(len, client.processing().values())))
    wait(slow)
    print(client.profile()["identifier"], client.profile()["count"] > 0)
    print(client.get_scheduler_logs(1)[0][0], len(client.get_worker_logs()), len(client.get_worker_logs(nanny=True)))
    client.log_event("mine", {"a": 1})
    client.submit(lambda: get_worker().log_event("mine", {"b": 2}), pure=False).result()
    while len(client.get_events("mine")) < 2:
        time.sleep(0.05)
    print([sorted(message) for _, message in client.get_events("mine")])
    print({message["action"] for _, message in client.get_events("all")} >= {"add-worker", "add-client"})
    heard = []
    client.subscribe_topic("mine", lambda event: heard.append(event[1]))
    time.sleep(0.2)
    client.log_event("mine", 3)
    while not heard:
        time.sleep(0.05)
    print(heard)
    with get_task_stream(client) as stream:
        wait(client.map(inc, range(100, 105)))
    print(len(stream.data), sorted({run["status"] for run in stream.data}))
    print([row[3] for row in client.story("x-1") if row[0] == "scheduler"])
    client.dump_cluster_state("dump")
    dump = DumpArtefact.from_url("dump.msgpack.gz")
    print(len(dump.dump["workers"]), "x-1" in dump.dump["scheduler"]["tasks"], len(dump.scheduler_story("x-1")["x-1"]))
    client.set_metadata(["a", "b"], 3)
    print(client.get_metadata(["a", "b"]), client.get_metadata("none", 5), client.get_metadata("none", None))
    first = client.map(inc, range(3))
    second = client.map(operator.neg, first)
    bars = Bars(second, complete=True)
    client.sync(bars.listen)
    print(bars.last["all"] == {"neg": 3, "inc": 3}, bars.last["remaining"] == {"neg": 0, "inc": 0}, bars.last["status"])
    many = client.map(inc, range(20))
    progress(many, notebook=False)
    division = client.submit(operator.truediv, 1, 0, key="div-1")
    failed = Bars([division])
    client.sync(failed.listen)
    print(failed.last["status"], failed.last["key"])
    client.close()
`;

const seen = `Scheduler 2 2 2
[1, 1] True
[1, 1]
["('y', 2)", 'x-1']
{'x': 28, 'y': 28} 28
[0, 0]
['slow'] 1
root True
INFO 2 2
[['a'], ['b', 'worker']]
True
[3]
5 ['OK']
['waiting', 'processing', 'memory']
2 True 3
3 5 None
True True finished
error div-1`;

const changing = `
import os, time
from distributed import Client, wait
from distributed.diagnostics.plugin import NannyPlugin, WorkerPlugin

def inc(x):
    return x + 1

class ForWorkers(WorkerPlugin):
    name = "for-workers"
    def setup(self, worker):
        worker.has_it = True
    def teardown(self, worker):
        del worker.has_it

class ForNannies(NannyPlugin):
    name = "for-nannies"
    def setup(self, nanny):
        nanny.env["GIVEN"] = "yes"
    def teardown(self, nanny):
        pass

def counts(client, future):
    return len(client.who_has([future])[future.key])

if __name__ == "__main__":
    os.chdir(os.path.dirname(os.path.abspath(__file__)))
    client = Client(timeout="20s")
    client.amm.stop()
    (x,) = client.scatter([b"x" * 1000])
    client.replicate([x])
    print(counts(client, x), client.amm.running())
    client.amm.run_once()
    while counts(client, x) > 1:
        time.sleep(0.05)
    client.replicate([x], n=2)
    client.replicate([x], n=1)
    print(counts(client, x), client.gather(x) == b"x" * 1000)
    client.amm.start()
    one = list(client.nthreads())[0]
    heavy = client.map(lambda i: b"x" * 60_000_000, range(8), workers=[one], pure=False)
    wait(heavy)
    time.sleep(1.2)
    client.rebalance()
    held = sorted(len(keys) for keys in client.has_what().values())
    print(sum(held) >= 8, held[0] >= 2, sum(map(len, client.gather(heavy))))
    del heavy

    print(set(client.run(lambda: 1).values()), len(client.run(lambda dask_worker: dask_worker.name)))
    async def coroutine():
        return 3
    print(set(client.run(coroutine).values()), client.run(coroutine, wait=False))
    print(set(client.run(lambda dask_worker: type(dask_worker).__name__, nanny=True).values()))
    def fails():
        raise ZeroDivisionError("nothing")
    try:
        client.run(fails)
    except ZeroDivisionError as error:
        print("raised", error)
    returned = client.run(fails, on_error="return")
    print({type(one).__name__ for one in returned.values()}, client.run(fails, on_error="ignore"))

    client.register_plugin(ForWorkers())
    client.register_plugin(ForNannies())
    with open("shipped.py", "w") as file:
        file.write("def times_seven(x): return 7 * x")
    client.upload_file("shipped.py")
    def uses(x):
        import shipped
        return shipped.times_seven(x)
    print(client.submit(uses, 6).result())
    before = set(client.run(os.getpid).values())
    client.restart(timeout="60s")
    after = set(client.run(os.getpid).values())
    print(len(after), before & after, x.status)
    print(set(client.run(lambda dask_worker: dask_worker.has_it).values()))
    print(set(client.run(lambda: os.environ["GIVEN"]).values()))
    print(client.submit(uses, 7).result())
    print(client.unregister_worker_plugin("for-workers").keys() == client.nthreads().keys())
    print(len(client.unregister_worker_plugin("for-nannies", nanny=True)))
    print(list(client.restart_workers([list(client.nthreads())[0]], timeout="60s").values()))
    data = client.map(inc, range(20))
    wait(data)
    leaving = list(client.nthreads())[0]
    print(list(client.retire_workers([leaving])) == [leaving], len(client.nthreads()), sum(client.gather(data)))
    print(client.retire_workers(list(client.nthreads())), sum(client.gather(data)))
    client.close()
`;

const changed = `2 False
1 True
True True 480000000
{1} 2
{3} None
{'Nanny'}
raised nothing
{'ZeroDivisionError'} {}
42
2 set() cancelled
{True}
{'yes'}
49
True
2
['OK']
True 1 210
{} 210`;

const refusing = `
import os
from distributed import Client, performance_report
from distributed.diagnostics.plugin import SchedulerPlugin

class ForScheduler(SchedulerPlugin):
    name = "for-scheduler"

def tried(what, call):
    try:
        call()
    except Exception as error:
        print(what, type(error).__name__, "needs Python inside the scheduler" in str(error))

def report():
    with performance_report("report.html"):
        pass

if __name__ == "__main__":
    os.chdir(os.path.dirname(os.path.abspath(__file__)))
    client = Client(timeout="20s")
    tried("run_on_scheduler", lambda: client.run_on_scheduler(lambda: 1))
    tried("scheduler plugin", lambda: client.register_plugin(ForScheduler()))
    tried("performance_report", report)
    tried("dump", lambda: client.dump_cluster_state("s3://bucket/name", write_from_scheduler=True))
    tried("worker plugin", lambda: client.unregister_worker_plugin("none"))
    tried("metadata", lambda: client.get_metadata("none"))
    tried("replicate", lambda: client.sync(client.scheduler.replicate, keys=[], n=0))
    tried("restart", lambda: client.restart(timeout=1))
    client.close()
`;

const refused = `run_on_scheduler NotImplementedError True
scheduler plugin NotImplementedError True
performance_report NotImplementedError True
dump NotImplementedError True
worker plugin ValueError False
metadata KeyError False
replicate ValueError False
restart TimeoutError False`;

/** What was printed, whatever the progress bar drew before its last line. */
const matching = (text: string): RegExp => {
  const [before, last] = [
    text.slice(0, text.lastIndexOf("\n")),
    text.slice(text.lastIndexOf("\n")),
  ];
  const escaped = [before, last.trim()].map((one) => one.replace(/[^\w\s]/g, "\\$&"));
  return new RegExp(`^${escaped[0]}[\\s\\S]*${escaped[1]}$`);
};

const uploading = `
import os, sys, time
from distributed import Client

if __name__ == "__main__":
    os.chdir(os.path.dirname(os.path.abspath(__file__)))
    client = Client(timeout="20s")
    with open("uploaded_module.py", "w") as file:
        file.write("def times_nine(x): return 9 * x")
    sys.path.insert(0, ".")
    import uploaded_module
    client.upload_file("uploaded_module.py")
    futures = client.map(uploaded_module.times_nine, range(3))
    keys = [future.key for future in futures]
    while None in client.sync(client.scheduler.get_task_status, keys=keys).values():
        time.sleep(0.1)
    open("unfolded", "w").close()
    print(client.gather(futures))
    client.close()
`;

describe("an unmodified client that looks after unmodified workers", () => {
  it("sees all that dask's scheduler would show", { timeout: 300_000 }, async (context) => {
    await using site = await pythonSite(context);
    await site.startWorkers(2);
    expect(await site.run(seeing)).toMatch(matching(seen));
  });

  it("copies, moves, extends, restarts and retires", { timeout: 300_000 }, async (context) => {
    await using site = await pythonSite(context);
    await site.startWorkers(2, { args: ["--memory-limit", "1GiB"] });
    expect(await site.run(changing)).toBe(changed);
  });

  it("uploads a file before there are workers", { timeout: 300_000 }, async (context) => {
    await using site = await pythonSite(context, { python: "own" });
    const printed = site.run(uploading);
    await expect.poll(() => existsSync(site.home.file("unfolded")), { timeout: 60_000 }).toBe(true);
    await site.startWorkers(1);
    expect(await printed).toBe("[0, 9, 18]");
  });

  it("is refused what needs Python inside", { timeout: 300_000 }, async (context) => {
    await using site = await pythonSite(context);
    await site.startWorkers(1, { nanny: false });
    expect(await site.run(refusing)).toBe(refused);
  });
});
