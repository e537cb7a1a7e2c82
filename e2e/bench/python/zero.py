"""Sends a graph to a scheduler whose workers compute nothing, and waits until all is finished. No
result is fetched."""

import graph
from distributed import wait
from serve import check, now, serve


def work(client, parameters):
    shape, size = parameters["shape"], parameters["size"]
    if shape == "map":
        numbers = list(range(size))
        start = now()
        futures = client.map(graph.same, numbers)
        tasks = size
    else:
        tasks_by_key, wanted = tree(size) if shape == "tree" else shuffle(size)
        tasks = len(tasks_by_key)
        start = now()
        futures = client.get(tasks_by_key, wanted, sync=False)
    done = wait(futures)
    seconds = now() - start
    statuses = {future.status for future in done.done}
    check(statuses == {"finished"}, f"{shape} {statuses} {failure(done.done)}")
    # They are held until this process ends, so that the scheduler's memory shows them.
    parameters["held"] = futures
    return {"tasks": tasks, "seconds": seconds}


def failure(futures):
    failed = [future for future in futures if future.status == "error"]
    return repr(failed[0].exception()) if failed else ""


def tree(size):
    tasks, root, _ = graph.tree(size)
    return tasks, [root]


def shuffle(size):
    tasks, total, _ = graph.shuffle(size)
    del tasks[total]
    return tasks, [f"sink-{j}" for j in range(size)]


serve(work)
