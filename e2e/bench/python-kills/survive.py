"""Work that takes a while and whose result is known, for clusters whose workers are being killed. Says
"working" with the number of its steps when it begins, and "found" with what it found and what that
should be. Every step leaves a line in a file: who kills sees by it that the work is under way and
who does it, and holds the work up where a kill is due that has not come."""

import json
import os
import pathlib
import sys
import time

import numpy as np
import pandas as pd
from distributed import Client, get_worker, worker_client

steps = sys.argv[4] if len(sys.argv) > 4 else None
line_bytes = 24


def step(seconds):
    """One step of the work, by a worker; dask also tries functions in the client, which is none."""
    try:
        get_worker()
    except ValueError:
        return
    leave_line()
    while made() > int(pathlib.Path(f"{steps}.most").read_text()):
        time.sleep(0.02)
    time.sleep(seconds)


def leave_line():
    with open(steps, "a") as file:
        file.write(f"{os.getpgid(0)} {os.getpid()}".ljust(line_bytes - 1) + "\n")


def made():
    return os.stat(steps).st_size // line_bytes


def slowly(value, seconds):
    step(seconds)
    return value


def add(*values):
    step(0.01)
    return sum(values)


def graph(client, size):
    """A tree: what was lost with a worker has to be made again, with what it needs."""
    level = client.map(slowly, range(size), seconds=0.02)
    while len(level) > 1:
        level = [client.submit(add, *level[at : at + 4]) for at in range(0, len(level), 4)]
    return int(level[0].result()), size * (size - 1) // 2


def part_of(part, rows):
    step(0.1)
    return pd.DataFrame({"key": np.arange(part, part + 7 * rows, 7) % 997, "value": np.arange(rows)})


def shuffle(client, size):
    """A join of two shuffles; the sum of a product tells lost and doubled rows alike."""
    import dask.dataframe as dd

    rows = 500
    parts = max(4, size // 16)
    frame = dd.from_map(part_of, range(parts), rows=rows, meta=part_of(0, 1).iloc[:0])
    names = pd.DataFrame({"key": np.arange(997), "factor": np.arange(997) + 1})
    factors = dd.from_pandas(names, npartitions=4)
    both = frame.merge(factors, on="key", shuffle_method="p2p", broadcast=False, npartitions=parts)
    found = both.map_partitions(product, meta=(None, "int64")).sum().compute()
    right = sum(int(((key % 997 + 1) * value).sum()) for key, value in columns(parts, rows))
    return int(found), right


def product(part):
    step(0.05)
    return pd.Series([int((part.value * part.factor).sum())])


def columns(parts, rows):
    for part in range(parts):
        yield np.arange(part, part + 7 * rows, 7), np.arange(rows)


def rechunk(client, size):
    import dask.array as da

    side = max(8, size // 16) * 10
    x = da.arange(side * side, chunks=side * 10).reshape((side, side))
    y = x.map_blocks(slowly, 0.05, dtype=x.dtype).rechunk((side, 10), method="p2p")
    weights = np.arange(side)
    found = y.map_blocks(weighted, weights, drop_axis=0, dtype="i8")
    right = (np.arange(side * side).reshape(side, side) * weights[:, None]).sum()
    return int(found.sum().compute()), int(right)


def weighted(block, weights):
    step(0.05)
    return (block * weights[: len(block), None]).sum(axis=0)


def inner(count, seconds):
    with worker_client() as client:
        return sum(client.gather(client.map(slowly, range(count), seconds=seconds, pure=False)))


def nested(client, size):
    """Tasks that wait for tasks: neither may wait for a worker that is only there for the other."""
    outer = [client.submit(inner, 10, 0.02, pure=False) for _ in range(size // 16)]
    return int(sum(client.gather(outer))), 45 * (size // 16)


class Slow:
    """Takes a while to open: who unfolds a graph with it, and a few tasks, are at it for long."""

    def __init__(self, packer):
        self.packer = packer

    def __reduce__(self):
        return opened, (os.getpid() if self.packer is None else self.packer,)


def opened(packer):
    if os.getpid() != packer and made() < 6:
        leave_line()
        time.sleep(0.5)
    return Slow(packer)


def beside(value, slow):
    step(0.02)
    return value


def unfold(client, size):
    """What is killed first is the process that unfolds the graph."""
    futures = client.map(beside, range(size), slow=Slow(None))
    return int(client.submit(sum, futures).result()), size * (size - 1) // 2


works = {one.__name__: one for one in (graph, shuffle, rechunk, nested, unfold)}
# Each as many as it takes when nobody is killed.
steps_of = {
    "graph": lambda size: size * 5 // 4,
    "shuffle": lambda size: 2 * max(4, size // 16),
    "rechunk": lambda size: 2 * max(8, size // 16),
    "nested": lambda size: 10 * (size // 16),
    "unfold": lambda size: size,
}


def main(name, size, workers):
    with Client(timeout="30s") as client:
        client.wait_for_workers(workers, timeout=60)
        print("working", steps_of[name](size), flush=True)
        start = time.perf_counter()
        found, right = works[name](client, size)
        seconds = time.perf_counter() - start
        print("found", json.dumps({"found": found, "right": right, "seconds": seconds}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
