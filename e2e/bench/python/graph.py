"""Computes one graph of tiny tasks, given as a whole, and fetches what stands at its end."""

import os

from serve import check, now, serve


def same(x):
    return x


def add(a, b):
    return a + b


def chain(size):
    graph = {}
    for i in range(size):
        graph[f"chain-{i}"] = (add, f"chain-{i - 1}" if i else 0, 1)
    return graph, f"chain-{size - 1}", size


def tree(size):
    graph = {}
    level = [f"tree-0-{i}" for i in range(size)]
    for i, key in enumerate(level):
        graph[key] = (same, i)
    depth = 1
    while len(level) > 1:
        above = []
        for i in range(0, len(level) - 1, 2):
            key = f"tree-{depth}-{i // 2}"
            graph[key] = (add, level[i], level[i + 1])
            above.append(key)
        if len(level) % 2:
            above.append(level[-1])
        level = above
        depth += 1
    return graph, level[0], size * (size - 1) // 2


def shuffle(size):
    graph = {f"source-{i}": (same, i) for i in range(size)}
    for i in range(size):
        for j in range(size):
            graph[f"cut-{i}-{j}"] = (add, f"source-{i}", j)
    for j in range(size):
        graph[f"sink-{j}"] = (sum, [f"cut-{i}-{j}" for i in range(size)])
    graph["total"] = (sum, [f"sink-{j}" for j in range(size)])
    return graph, "total", size * size * (size - 1)


def work(client, parameters):
    shapes = {"chain": chain, "tree": tree, "shuffle": shuffle}
    shape = parameters["shape"]
    graph, last, expected = shapes[shape](parameters["size"])
    # Keys of another run on the same cluster must not be found.
    run = f"{os.getpid()}-"
    graph = {run + key: renamed(task, graph, run) for key, task in graph.items()}
    start = now()
    value = client.get(graph, run + last)
    seconds = now() - start
    check(value == expected, shape)
    return {"tasks": len(graph), "seconds": seconds}


def renamed(part, graph, run):
    if isinstance(part, (tuple, list)):
        return type(part)(renamed(each, graph, run) for each in part)
    return run + part if isinstance(part, str) and part in graph else part


if __name__ == "__main__":
    serve(work)
