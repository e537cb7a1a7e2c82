"""Maps the identity over numbers and gathers all results."""

from serve import check, now, serve


def identity(x):
    return x


def work(client, parameters):
    tasks = parameters["tasks"]
    numbers = list(range(tasks))
    start = now()
    futures = client.map(identity, numbers)
    submit_seconds = now() - start
    values = client.gather(futures)
    seconds = now() - start
    check(values == numbers, "map")
    return {"seconds": seconds, "submitSeconds": submit_seconds}


serve(work)
