"""as_completed: branch and bound of a knapsack. Every result decides what is submitted next, so the
order of events differs from run to run; the optimum does not."""

import random

from distributed import as_completed
from frame import main

sizes = {"small": {"items": 38, "open": 8}, "full": {"items": 70, "open": 64}}


def problem(count):
    """Every item is worth a little more than it weighs, which makes it hard; best ratio first."""
    pick = random.Random(count)
    items = [(weight, weight + 100) for weight in (pick.randint(1, 1_000) for _ in range(count))]
    items.sort(key=lambda item: item[1] / item[0], reverse=True)
    return items, sum(weight for weight, _ in items) // 2


def bound(items, at, room, value):
    for weight, worth in items[at:]:
        if weight > room:
            return value + worth * room / weight
        room -= weight
        value += worth
    return value


def explore(items, node, best, budget):
    """Searches depth first below one node; gives the best value, and what it had no budget for."""
    stack = [node]
    while stack and budget > 0:
        at, room, value = stack.pop()
        budget -= 1
        best = max(best, value)
        if at == len(items) or bound(items, at, room, value) < best + 1:
            continue
        weight, worth = items[at]
        stack.append((at + 1, room, value))
        if weight <= room:
            stack.append((at + 1, room - weight, value + worth))
    return best, stack


def optimum(client, size):
    items, room = problem(size["items"])
    table = client.scatter(items, broadcast=True, hash=False)
    best, waiting, calls = 0, [(0, room, 0)], 0
    running = as_completed([], with_results=True)
    running_count = 0
    while waiting or running_count:
        while waiting and running_count < size["open"]:
            running.add(client.submit(explore, table, waiting.pop(), best, 500, pure=False))
            running_count += 1
            calls += 1
        _, (found, rest) = next(running)
        running_count -= 1
        best = max(best, found)
        waiting += [node for node in rest if bound(items, *node) >= best + 1]
    return best


def exact(size):
    """The same by dynamic programming, here."""
    items, room = problem(size["items"])
    best = [0] * (room + 1)
    for weight, worth in items:
        for left in range(room, weight - 1, -1):
            best[left] = max(best[left], best[left - weight] + worth)
    return best[room]


def work(client, scale, report):
    size = sizes[scale]
    found = report.part("branch and bound", lambda: optimum(client, size))
    if found != exact(size):
        raise RuntimeError(f"{found} is not the optimum, {exact(size)} is")


if __name__ == "__main__":
    main(work)
