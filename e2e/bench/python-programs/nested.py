"""Nested clients: tasks that submit tasks and wait for them, with worker_client, and with get_client,
secede and rejoin."""

import numpy as np
from distributed import as_completed, get_client, rejoin, secede, worker_client
from frame import digest, main

sizes = {
    "small": {"numbers": 4_000, "leaf": 1_000, "fib": 8},
    "full": {"numbers": 4_000_000, "leaf": 125_000, "fib": 14},
}


def numbers(first, last):
    return np.random.default_rng(5).integers(0, 1 << 60, last)[first:last]


def merged(left, right):
    both = np.concatenate([left, right])
    both.sort(kind="stable")
    return both


def sort(first, last, leaf):
    if last - first <= leaf:
        return np.sort(numbers(first, last))
    middle = (first + last) // 2
    with worker_client() as client:
        halves = [client.submit(sort, first, middle, leaf), client.submit(sort, middle, last, leaf)]
        return merged(*client.gather(halves))


def fib(n):
    if n < 2:
        return n
    client = get_client()
    parts = client.map(fib, [n - 1, n - 2])
    secede()
    values = client.gather(parts)
    rejoin()
    return sum(values)


def spread(count):
    """Results of tasks inside of a task, as they come."""
    with worker_client() as client:
        futures = client.map(lambda x: x * x, range(count))
        return sum(future.result() for future in as_completed(futures))


def work(client, scale, report):
    size = sizes[scale]
    report.part("merge sort", lambda: digest(client.submit(sort, 0, size["numbers"], size["leaf"]).result()))
    report.part("fibonacci", lambda: client.submit(fib, size["fib"]).result())
    report.part("as completed", lambda: client.submit(spread, 100).result())


if __name__ == "__main__":
    main(work)
