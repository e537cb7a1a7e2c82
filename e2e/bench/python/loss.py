"""Two layers of tasks during which a worker is killed by whoever measures, when told "kill"."""

import time

from serve import check, now, say, serve


def nap(ms, x):
    time.sleep(ms / 1000)
    return x


def same(x):
    return x


def work(client, parameters):
    slots = parameters["workers"]
    numbers = list(range(400))
    start = now()
    first = client.map(nap, [50] * 400, numbers, pure=False)
    second = client.map(same, first, pure=False)
    time.sleep(2 - (now() - start))
    say("kill")
    values = client.gather(second)
    seconds = now() - start
    check(values == numbers, "worker loss")
    ideal = 2 + (400 * 0.05 + 2 - 2 * slots) / (slots - 1)
    return {"seconds": seconds, "idealSeconds": ideal}


serve(work)
