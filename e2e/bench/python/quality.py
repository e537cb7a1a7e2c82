"""How well slots are used by tasks of known length; one kind per run."""

import time

from serve import check, now, serve


def nap(ms, x):
    time.sleep(ms / 1000)
    return x


def nap_with(ms, x, datum):
    time.sleep(ms / 1000)
    return x + datum[0]


def skewed():
    """The order in which the program for node has them."""
    times = [20] * 180 + [400] * 20
    random = 1
    for i in range(len(times) - 1, 0, -1):
        random = (random * 1_103_515_245 + 12_345) & 0x7FFF_FFFF
        j = int(random / 2**31 * (i + 1))
        times[i], times[j] = times[j], times[i]
    return times


def work(client, parameters):
    kind, slots = parameters["kind"], parameters["workers"]
    times = skewed() if kind == "skew" else [50] * 200
    numbers = list(range(len(times)))
    datum = None
    if kind == "locality":
        worker = next(iter(client.ncores()))
        [datum] = client.scatter([b"\1" * 1_000_000], workers=[worker])
    start = now()
    if datum is None:
        futures = client.map(nap, times, numbers, pure=False)
    else:
        futures = client.map(nap_with, times, numbers, datum=datum, pure=False)
    values = client.gather(futures)
    seconds = now() - start
    check(values == [x + (datum is not None) for x in numbers], kind)
    ideal = sum(times) / 1000 / slots
    return {"seconds": seconds, "efficiency": ideal / seconds}


serve(work)
