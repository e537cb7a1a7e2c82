"""Submits one tiny task after another, each when the result of the one before is there."""

import time

from serve import check, now, percentiles, serve


def increment(x):
    return x + 1


def work(client, parameters):
    milliseconds = []
    for i in range(parameters["tasks"]):
        if parameters["pauseMs"] > 0:
            time.sleep(parameters["pauseMs"] / 1000)
        start = now()
        result = client.submit(increment, i).result()
        milliseconds.append((now() - start) * 1000)
        check(result == i + 1, "latency")
    return percentiles(milliseconds)


serve(work)
