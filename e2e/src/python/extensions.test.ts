// Goal: what clients share through the scheduler works for unmodified Python programs as on dask's
// own: variables, queues, events, locks, datasets, actors, nested tasks. Method: programs as users
// write them, over TLS; what each prints was printed on dask's scheduler too.
import { Client, Event, Lock, Queue, Variable } from "@acme/client";
import { openClusterDirectory } from "@acme/credentials";
import { expect, it } from "vitest";
import { pythonSite } from "./site.js";

const shared = `
import threading, time
from distributed import Client, Event, Queue, Variable, get_client

def show(call, *args, **kwargs):
    try:
        print(call(*args, **kwargs))
    except BaseException as error:
        print(type(error).__mro__[0].__name__)

def in_task(name):
    client = get_client()
    Variable(name + "-out").set(Variable(name).get(timeout=5) + 1)
    return client is not None

def inc(x):
    return x + 1

def fails():
    raise ZeroDivisionError("on purpose")

def feed(name, n):
    queue = Queue(name)
    for i in range(n):
        queue.put(i)
    return n

if __name__ == "__main__":
    client, other = Client(timeout="20s"), Client(timeout="20s", set_as_default=False)

    v = Variable("v")
    show(v.get, timeout="100ms")
    for value in [1, 2.5, "text", None, [1, [2]], {"a": {"b": b"c"}}, True]:
        v.set(value)
        print(v.get())
    threading.Timer(0.3, lambda: Variable("later", client=other).set(7)).start()
    print(Variable("later").get(timeout=10))
    v.set(41)
    print(client.submit(in_task, "v", pure=False).result(), Variable("v-out").get(timeout=5))

    future = client.submit(inc, 10)
    v.set(future)
    del future
    time.sleep(0.5)
    taken = Variable("v", client=other).get()
    print(taken.result(), taken.status)
    v.set(client.submit(fails, pure=False))
    time.sleep(0.5)
    show(lambda: v.get().result())
    v.delete()
    time.sleep(0.2)
    show(v.get, timeout=0.3)

    q = Queue("q", maxsize=2)
    time.sleep(0.1)
    show(q.get, timeout=0.1)
    q.put(1)
    q.put(client.submit(inc, 1, pure=False))
    show(q.put, 3, timeout="100ms")
    print(q.qsize(), q.get(), q.get(timeout=5).result())
    show(q.get, timeout=1, batch=2)
    many = Queue("many")
    done = client.submit(feed, "many", 5, pure=False)
    print(many.get(batch=5), done.result(), many.qsize(), many.get(batch=True))
    for i in range(3):
        many.put(i)
    print(many.get(batch=True))
    q.close()
    time.sleep(0.3)
    show(q.qsize)

    e = Event("e")
    print(e.is_set(), e.wait(timeout="100ms"))
    waiting = client.submit(lambda: Event("e").wait(timeout=20), pure=False)
    time.sleep(0.3)
    e.set()
    print(e.is_set(), waiting.result(), e.wait())
    e.clear()
    print(e.is_set(), e.wait(0.05))
    other.close()
    client.close()
`;

const sharedPrinted = `TimeoutError
1
2.5
text
None
(1, (2,))
{'a': {'b': b'c'}}
True
7
True 42
11 finished
ZeroDivisionError
TimeoutError
TimeoutError
TimeoutError
2 1 2
NotImplementedError
[0, 1, 2, 3, 4] 5 0 []
[0, 1, 2]
KeyError
False False
True True True
False False`;

const locks = `
import os, subprocess, sys, time
from distributed import Client, Lock, MultiLock, Semaphore, Variable

def show(call, *args, **kwargs):
    try:
        print(call(*args, **kwargs))
    except BaseException as error:
        print(type(error).__name__, error)

def count(name, lock):
    with lock:
        variable = Variable(name)
        value = variable.get()
        time.sleep(0.01)
        variable.set(value + 1)

def inside(semaphore, name):
    with semaphore:
        time.sleep(0.05)
        return semaphore.get_value()

dying = """
import os
from distributed import Client, Lock
client = Client(timeout="20s")
print(Lock("mortal").acquire(timeout=10), flush=True)
os._exit(1)
"""

if __name__ == "__main__":
    client = Client(timeout="20s")
    lock = Lock("l")
    print(lock.acquire(timeout=1), lock.locked(), Lock("l").acquire(timeout="100ms"))
    print(Lock("l").acquire(blocking=False), lock.release(), lock.locked())
    show(lock.release)
    Variable("n").set(0)
    client.gather(client.map(lambda i: count("n", Lock("counting")), range(20), pure=False))
    print(Variable("n").get())

    semaphore = Semaphore(max_leases=2, name="s")
    print(max(client.gather(client.map(inside, [semaphore] * 8, range(8), pure=False))) <= 2)
    print(semaphore.acquire(), semaphore.acquire(), semaphore.acquire(timeout=0.1), semaphore.get_value())
    show(Semaphore(max_leases=3, name="s").register)
    semaphore.release()
    print(semaphore.get_value())
    semaphore.close()
    show(semaphore.acquire, timeout=1)

    print(subprocess.run([sys.executable, "-c", dying], capture_output=True, text=True).stdout.strip())
    print(Lock("mortal").acquire(timeout=0.1))
    started = time.time()
    print(Lock("mortal").acquire(timeout=30), 0.5 < time.time() - started < 20)

    a, b, c = MultiLock(["x", "y"]), MultiLock(["y", "z"]), MultiLock(["x", "y", "z"])
    print(a.acquire(timeout=1), b.acquire(timeout=0.1), c.acquire(timeout=1, num_locks=1))
    print(a.release(), c.release())
    with MultiLock(["y", "z"]):
        print(MultiLock(["z"]).acquire(blocking=False))
    print(MultiLock(["z"]).acquire(timeout=5))
    client.close()
`;

const locksPrinted = `True True False
False True False
RuntimeError Released too often
20
True
True True False 2
ValueError Inconsistent max leases: 3, expected: 2
1
RuntimeError Semaphore or Lock \`s\` not known.
True
False
True True
True False True
None None
False
True`;

const data = `
import time
import dask.bag
from distributed import Client, get_task_metadata, worker_client
from distributed.client import futures_of

def show(call, *args, **kwargs):
    try:
        print(call(*args, **kwargs))
    except BaseException as error:
        print(type(error).__name__, error)

def inc(x):
    return x + 1

if __name__ == "__main__":
    client, other = Client(timeout="20s"), Client(timeout="20s", set_as_default=False)
    bag = dask.bag.from_sequence(range(10), npartitions=3).map(inc).persist()
    client.publish_dataset(numbers=bag)
    client.publish_dataset([client.submit(inc, 1)], name=("pair", 1))
    print(other.list_datasets(), len(client.datasets), "numbers" in list(client.datasets))
    del bag
    time.sleep(0.5)
    print(other.get_dataset("numbers").sum().compute(scheduler=other))
    print(other.get_dataset(("pair", 1))[0].result())
    show(client.publish_dataset, numbers=1)
    client.publish_dataset(numbers=2, override=True)
    print(other.get_dataset("numbers"))
    show(client.get_dataset, "none")
    print(client.get_dataset("none", default="instead"))
    client.unpublish_dataset("numbers")
    del client.datasets[("pair", 1)]
    print(other.list_datasets())

    client.set_metadata(["a", "b"], 1)
    client.set_metadata("c", {"d": [1, 2.5]})
    print(other.get_metadata(["a", "b"]), client.get_metadata(["c", "d"]), client.get_metadata("a"))
    show(client.get_metadata, ["a", "none"])
    print(client.get_metadata(["a", "none"], default=None))
    with get_task_metadata() as tasks:
        futures = client.map(inc, range(3), key=["m-0", "m-1", "m-2"])
        client.gather(futures)
    print(sorted(tasks.state.items()), sorted(tasks.metadata))
    other.close()
    client.close()
`;

const dataPrinted = `(('pair', 1), 'numbers') 2 True
55
2
KeyError 'Dataset numbers already exists'
2
KeyError "Dataset 'none' not found"
instead
()
1 (1, 2.5) {'b': 1}
KeyError 'none'
None
[('m-0', 'memory'), ('m-1', 'memory'), ('m-2', 'memory')] ['m-0', 'm-1', 'm-2']`;

const nested = `
import os, time
from distributed import Client, Variable, fire_and_forget, get_client, get_worker, rejoin, secede, worker_client

def fib(n):
    if n < 2:
        return n
    client = get_client()
    a, b = client.submit(fib, n - 1), client.submit(fib, n - 2)
    secede()
    a, b = client.gather([a, b])
    rejoin()
    return a + b

def double(x):
    return 2 * x

def spread(n):
    with worker_client() as client:
        return sum(client.gather(client.map(double, range(n))))

def leave(name, value):
    time.sleep(0.3)
    Variable(name).set(value)

def slow(x):
    time.sleep(2)
    return x

class Counter:
    n = 0
    def __init__(self, start):
        self.n = start
    def add(self, by):
        self.n += by
        return self.n
    def fails(self):
        raise ValueError("of the actor")
    def die(self):
        os._exit(1)
    def where(self):
        return get_worker().address

def use(actor):
    return actor.add(100).result()

if __name__ == "__main__":
    client = Client(timeout="20s")
    print(client.submit(fib, 8).result())
    print(client.gather(client.map(spread, [5, 6, 7])))
    fire_and_forget(client.submit(leave, "left", 5, pure=False))
    print(Variable("left").get(timeout=10))

    future = client.submit(Counter, 10, actor=True)
    counter = future.result()
    print(counter.add(1).result(), counter.add(1).result(), counter.n, repr(counter).startswith("<Actor: Counter"))
    print(client.submit(use, counter).result(), counter.n)
    print(client.submit(use, future, pure=False).result())
    try:
        counter.fails().result()
    except ValueError as error:
        print("ValueError", error)
    two = client.submit(Counter, 0, actor=True, pure=False).result()
    print(two.where().result() != counter.where().result())
    try:
        counter.die().result(timeout=20)
    except BaseException as error:
        print(type(error).__name__)
    for _ in range(400):
        if future.status != "finished":
            break
        time.sleep(0.05)
    print(future.status)
    try:
        future.result()
    except BaseException as error:
        print(type(error).__name__, error)
    try:
        counter.add(1)
    except RuntimeError as error:
        print(error)
    del counter, future, two

    client.wait_for_workers(2, timeout=60)
    futures = client.map(slow, range(4), pure=False)
    time.sleep(0.3)
    client.restart(timeout=60)
    print({f.status for f in futures}, len(client.scheduler_info()["workers"]))
    print(client.submit(double, 4).result())
    client.close()
`;

const nestedPrinted = `21
[20, 30, 42]
5
11 12 12 True
112 112
212
ValueError of the actor
True
OSError
error
RuntimeError Worker holding Actor was lost
Worker holding Actor was lost.  Status: error
{'cancelled'} 2
8`;

const programs: [string, string, string][] = [
  ["values, queues and events that clients share", shared, sharedPrinted],
  ["locks, also of holders that die", locks, locksPrinted],
  ["published datasets and metadata", data, dataPrinted],
  ["tasks that submit tasks, actors that die, a restart", nested, nestedPrinted],
];

/** Leases that nobody refreshes are given up sooner than after dask's half minute. */
const env = { DASK_DISTRIBUTED__SCHEDULER__LOCKS__LEASE_TIMEOUT: "2s" };

it.for(programs)("%s", { timeout: 300_000 }, async ([, program, printed], context) => {
  await using site = await pythonSite(context, { env });
  await site.startWorkers(2);
  expect(await site.run(program)).toBe(printed);
});

const beside = `
from distributed import Client, Event, Lock, Queue, Variable

if __name__ == "__main__":
    client = Client(timeout="20s")
    print(Variable("ours").get(timeout=10), Queue("ours").get(timeout=10, batch=True))
    print(Event("ours").wait(timeout=0.1), Lock("ours").acquire(timeout=0.1))
    Variable("theirs").set({"list": (1, None), "bytes": b"ab"})
    Event("theirs").set()
    Queue("ours").put(Variable("ours").get() is not None)
    client.close()
`;

it("shares with our client by the same names", { timeout: 300_000 }, async (context) => {
  await using site = await pythonSite(context);
  const { security } = openClusterDirectory(site.home.file("clusters/python"));
  await using client = await Client.connect(site.address, { security });
  await new Variable("ours", client).set({ a: [1, "x"], b: null });
  const queue = new Queue("ours", client);
  for (const item of [1, "two"]) await queue.put(item);
  const lock = new Lock("ours", client);
  expect(await lock.acquire()).toBe(true);
  await new Event("ours", client).set();
  const printed = ["{'a': (1, 'x'), 'b': None} [1, 'two']", "True False"];
  expect(await site.run(beside)).toBe(printed.join("\n"));
  const theirs = { list: [1, null], bytes: new Uint8Array([97, 98]) };
  expect(await new Variable("theirs", client).get()).toEqual(theirs);
  expect([await new Event("theirs", client).isSet(), await queue.get()]).toEqual([true, true]);
  await lock.release();
});
