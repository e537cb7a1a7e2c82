"""The client program of the overhead bench: it connects, then does what lines of JSON tell it, and says
how long that took. What it holds between two of them stays held."""

import json
import sys
import time

import dask
import dask.array as da
from dask._task_spec import Task, TaskRef
from distributed import Client, wait


def inc(x):
    return x + 1


def count(*parts):
    return len(parts)


taken = 0


def fresh(count):
    """Numbers that no call had yet: the same call again would be the same task."""
    global taken
    taken += count
    return range(taken - count, taken)


def mapped(client, tasks):
    """A map whose results the client asks for."""
    numbers = fresh(tasks)
    futures = client.map(inc, numbers)
    values = client.gather(futures)
    if values != [number + 1 for number in numbers]:
        raise RuntimeError("wrong results")
    return futures


def held(client, tasks):
    """A map whose results stay where they are."""
    futures = client.map(inc, fresh(tasks))
    wait(futures)
    return futures


def tree(client, tasks):
    """Many tasks, of which the client wants one: it has next to nothing to do but send them."""
    name = f"leaf-{time.time_ns()}"
    graph = {(name, i): Task((name, i), inc, i) for i in range(tasks)}
    keys = list(graph)
    while len(keys) > 1:
        level = f"{name}-{len(keys)}"
        groups = [keys[at : at + 64] for at in range(0, len(keys), 64)]
        keys = [(level, i) for i in range(len(groups))]
        graph |= {key: Task(key, count, *map(TaskRef, group)) for key, group in zip(keys, groups)}
    (future,) = client.get(graph, keys, sync=False)
    wait(future)
    return future


def array(client, tasks):
    """About so many tasks after dask's own optimisation: blocks, pairs of blocks, partial sums."""
    side = round((tasks / 2.35) ** 0.5)
    x = da.ones((side * 2, side * 2), chunks=(2, 2))
    (future,) = client.compute([(x + x.T).sum()])
    wait(future)
    return future


def latency(client, tasks):
    """One task at a time; the milliseconds of each."""
    took = []
    for i in range(tasks):
        start = time.perf_counter()
        client.submit(inc, i, pure=False).result()
        took.append((time.perf_counter() - start) * 1000)
    return took


works = {one.__name__: one for one in (mapped, held, tree, array, latency)}


def main(workers):
    dask.config.set({"array.chunk-size": "1MiB"})
    with Client(timeout="30s") as client:
        client.wait_for_workers(workers, timeout=60)
        print("ready", flush=True)
        keep = None
        for line in sys.stdin:
            order = json.loads(line)
            if order["work"] == "release":
                keep = None
                # Everything said before this is done when it is answered.
                client.ncores()
                print("done {}", flush=True)
                continue
            start = time.perf_counter()
            made = works[order["work"]](client, order["tasks"])
            keep = (keep, made) if order.get("beside") else made
            told = {"seconds": time.perf_counter() - start}
            if order["work"] == "latency":
                ordered = sorted(made)
                told |= {"p50": ordered[len(ordered) // 2], "mean": sum(ordered) / len(ordered)}
            del made
            print("done", json.dumps(told), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
