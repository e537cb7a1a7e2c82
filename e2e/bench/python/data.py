"""Puts values of some size on a worker and fetches such values, through the scheduler or
directly."""

import time

from serve import check, now, serve

SETTLE_SECONDS = 0.02


def make(size, fill):
    return bytes([fill]) * size


def last_of(data):
    return data[-1]


def work(client, parameters):
    size = parameters["bytes"]
    worker = next(iter(client.ncores()))
    figures = {}
    for direct in (False, True):
        scattered, gathered = [], []
        for fill in range(1, parameters["rounds"] + 1):
            scattered.append(scatter(client, make(size, 7), worker, direct))
            gathered.append(gather(client, size, fill, direct))
        suffix = "Direct" if direct else ""
        figures["scatter" + suffix] = rate(size, scattered)
        figures["gather" + suffix] = rate(size, gathered)
    return figures


def scatter(client, data, worker, direct):
    start = now()
    future = client.scatter(data, workers=[worker], direct=direct, hash=False)
    seconds = now() - start
    check(client.submit(last_of, future, pure=False).result() == 7, "scatter")
    del future
    time.sleep(SETTLE_SECONDS)
    return seconds


def gather(client, size, fill, direct):
    future = client.submit(make, size, fill, pure=False)
    while not future.done():
        time.sleep(0.001)
    start = now()
    value = client.gather(future, direct=direct)
    seconds = now() - start
    check(len(value) == size and value[-1] == fill, "gather")
    del future
    time.sleep(SETTLE_SECONDS)
    return seconds


def rate(size, seconds):
    return size / 1e6 / sorted(seconds)[len(seconds) // 2]


serve(work)
