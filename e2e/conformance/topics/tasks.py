# What clients submit, and what comes back.
import time

from harness import case, main


def inc(x):
    return x + 1


def add(x, y):
    return x + y


def fail(text):
    raise ValueError(text)


def slow(x, seconds=0.3):
    time.sleep(seconds)
    return x


@case("Client.submit", "Future.result")
def one_call(c):
    return c.submit(inc, 1).result()


@case("Client.submit")
def keyword_arguments_and_futures_in_containers(c):
    one = c.submit(inc, 1)
    total = c.submit(lambda values, scale=1: (sum(values["a"]) * scale), {"a": [one, 3]}, scale=10)
    return total.result()


@case("Client.submit")
def own_key(c):
    future = c.submit(inc, 1, key="own-key")
    tupled = c.submit(inc, 1, key=("tuple", 3))
    return future.key, future.result(), tupled.key, tupled.result()


@case("Client.submit")
def pure_calls_share_a_key(c):
    one, same = c.submit(inc, 10), c.submit(inc, 10)
    other = c.submit(inc, 10, pure=False)
    return one.key == same.key, one.key == other.key, c.gather([one, same, other])


@case("Client.submit")
def on_a_worker_by_name(c):
    from distributed import get_worker

    where = [c.submit(lambda: get_worker().name, workers=[name], pure=False) for name in ("left", "right")]
    return c.gather(where)


@case("Client.submit")
def on_a_worker_by_address(c):
    from distributed import get_worker

    address = sorted(c.scheduler_info(n_workers=-1)["workers"])[0]
    return c.submit(lambda: get_worker().address, workers=address).result() == address


@case("Client.submit")
def on_a_worker_that_is_not_there_but_others_may(c):
    return c.submit(inc, 5, workers=["nobody"], allow_other_workers=True).result(timeout=20)


@case("Client.submit")
def resources(c):
    from distributed import get_worker

    asked = [
        c.submit(lambda i: get_worker().name, i, resources={"LEFT": 1}, pure=False)
        for i in range(4)
    ]
    return c.gather(asked)


@case("Client.submit", "Future.cancel", "Future.status")
def resources_that_nobody_has(c):
    future = c.submit(inc, 1, resources={"NOBODY": 1}, pure=False)
    time.sleep(0.5)
    before = future.status
    future.cancel()
    return before, future.status


@case("Client.submit")
def retries(c):
    from distributed import Variable

    Variable("retries-count").set(0)

    def third_time():
        count = Variable("retries-count")
        count.set(count.get() + 1)
        if count.get() < 3:
            raise RuntimeError("not yet")
        return count.get()

    return c.submit(third_time, retries=5).result()


@case("Client.submit", "Future.exception")
def too_few_retries(c):
    return c.submit(fail, "always", retries=2).exception()


@case("Client.submit")
def priorities(c):
    from distributed import Queue

    order = Queue("priorities")
    # One of two threads stays busy, the other is free after a while.
    there = {"workers": ["left"], "pure": False}
    calls = [c.submit(slow, 1, 4, **there), c.submit(slow, 1, 1.5, **there)]

    def put(priority):
        Queue("priorities").put(priority)
        time.sleep(0.15)

    for priority in (-5, 0, 5):
        calls += [c.submit(put, priority, priority=priority, **there) for _ in range(2)]
    c.gather(calls)
    return order.get(batch=True)


@case("Client.submit")
def large_arguments(c):
    import numpy

    data = numpy.arange(1_000_000)
    return c.submit(lambda values: int(values.sum()), data).result()


@case("Client.submit")
def a_long_chain(c):
    future = c.submit(inc, 0)
    for _ in range(200):
        future = c.submit(inc, future)
    return future.result()


@case("Client.submit", "Client.gather")
def an_error_of_a_dependency(c):
    bad = c.submit(fail, "deep down")
    return c.gather(c.submit(add, 1, c.submit(inc, bad)))


@case("Client.submit")
def no_function(c):
    return c.submit(5, 1)


@case("Client.submit", "Future.key")
def a_class_of_the_program(c):
    class Point:
        def __init__(self, x, y):
            self.x, self.y = x, y

        def __repr__(self):
            return f"Point({self.x}, {self.y})"

    future = c.submit(Point, 1, y=2)
    return repr(future.result()), repr(c.submit(lambda p: Point(p.y, p.x), future).result())


@case("Client.map")
def many_calls(c):
    return c.gather(c.map(inc, range(500)))


@case("Client.map")
def several_iterables(c):
    return c.gather(c.map(add, range(5), range(10, 15)))


@case("Client.map")
def keyword_arguments_of_all(c):
    return c.gather(c.map(slow, range(3), seconds=0))


@case("Client.map")
def futures_among_the_arguments(c):
    ones = c.map(inc, range(5))
    return c.gather(c.map(add, ones, ones))


@case("Client.map")
def own_keys(c):
    named = c.map(inc, range(3), key="named")
    keyed = c.map(inc, range(3), key=["k1", "k2", "k3"])
    return [future.key for future in keyed], len({f.key for f in named}), c.gather(named + keyed)


@case("Client.map")
def in_batches(c):
    return c.gather(c.map(inc, range(100), batch_size=10))


@case("Client.map")
def on_one_worker(c):
    from distributed import get_worker

    names = c.map(lambda i: get_worker().name, range(6), workers=["right"], pure=False)
    return c.gather(names)


@case("Client.map")
def with_retries_and_resources(c):
    return c.gather(c.map(inc, range(5), retries=2, resources={"LEFT": 1}, priority=3))


@case("Client.map")
def nothing(c):
    return c.map(inc, [])


@case("Client.map", "Client.gather")
def some_fail(c):
    futures = c.map(lambda x: 10 // x, [1, 0, 5, 2])
    return c.gather(futures, errors="skip")


@case("Client.gather")
def in_the_shape_given(c):
    a, b = c.map(inc, [1, 2])
    return c.gather({"a": a, "b": [b, (a, 5)]})


@case("Client.gather")
def straight_from_the_workers(c):
    return c.gather(c.map(inc, range(20)), direct=True)


@case("Client.gather")
def the_first_error_raises(c):
    return c.gather([c.submit(inc, 1), c.submit(fail, "the one")])


@case("Client.gather")
def large_results(c):
    import numpy

    arrays = c.gather(c.map(lambda n: numpy.full((n, 1000), n), [10, 200, 2000]))
    return [(array.shape, int(array.sum())) for array in arrays]


@case("Client.gather")
def a_result_that_cannot_be_sent(c):
    def lock():
        import threading

        return threading.Lock()

    return type(c.gather([c.submit(lock)])).__name__


@case("Client.cancel", "Future.cancelled", "Future.status")
def what_waits_and_what_runs(c):
    futures = c.map(slow, range(30), pure=False)
    c.cancel(futures)
    return {future.status for future in futures}, all(future.cancelled() for future in futures)


@case("Client.cancel", "Future.result")
def the_result_of_a_cancelled_call(c):
    future = c.submit(slow, 1, seconds=2, pure=False)
    c.cancel(future)
    return future.result()


@case("Client.cancel")
def with_a_reason(c):
    future = c.submit(slow, 1, seconds=2, key="cancelled-with-reason")
    c.cancel(future, reason="because", msg="of this")
    return future.result()


@case("Client.cancel")
def what_another_client_wants_too(c):
    from distributed import Client

    with Client(set_as_default=False) as other:
        mine, theirs = (one.submit(slow, 7, 3, key="wanted-by-two") for one in (c, other))
        # What a client says is heard in order, so the scheduler knows of both.
        for one in (c, other):
            one.submit(inc, 0, pure=False).result()
        mine.cancel()
        return mine.cancelled(), theirs.result(timeout=10)


@case("Client.cancel")
def by_force(c):
    from distributed import Client

    with Client(set_as_default=False) as other:
        mine, theirs = (one.submit(slow, 7, 2, key="cancelled-by-force") for one in (c, other))
        for one in (c, other):
            one.submit(inc, 0, pure=False).result()
        c.cancel(mine, force=True)
        deadline = time.time() + 10
        while not theirs.cancelled() and time.time() < deadline:
            time.sleep(0.05)
        return mine.cancelled(), theirs.cancelled()


@case("Client.retry", "Future.retry")
def until_it_works(c):
    from distributed import Event

    def when_open():
        if not Event("retry-open").is_set():
            raise RuntimeError("closed")
        return "open"

    future = c.submit(when_open)
    first = future.exception()
    Event("retry-open").set()
    future.retry()
    second = future.result(timeout=10)
    return first, second


@case("Client.retry")
def with_what_depends_on_it(c):
    from distributed import Event

    def when_open():
        if not Event("retry-open-2").is_set():
            raise RuntimeError("closed")
        return 1

    first = c.submit(when_open)
    middle = c.submit(inc, first)
    last = c.submit(inc, middle)
    before = last.exception()
    Event("retry-open-2").set()
    c.retry([last])
    return before, last.result(timeout=10), middle.result(timeout=10)


@case("Client.get")
def a_graph_by_hand(c):
    graph = {"a": 1, "b": (inc, "a"), ("c", 0): (add, "b", 10), "d": (sum, ["a", "b", ("c", 0)])}
    return c.get(graph, ["d", [("c", 0), "b"]])


@case("Client.get")
def not_at_once(c):
    futures = c.get({"x": (inc, 1), "y": (add, "x", "x")}, ["x", "y"], sync=False)
    return c.gather(futures)


@case("Client.get")
def an_error_in_a_graph(c):
    return c.get({"x": (fail, "in a graph"), "y": (inc, "x")}, "y")


@case("Client.get", "Client.submit")
def killed_workers_are_told_of(c):
    import os

    def die():
        os._exit(1)

    from distributed import KilledWorker

    try:
        c.submit(die, key="deadly").result(timeout=60)
    except KilledWorker as error:
        return error.task, error.allowed_failures, type(error.last_worker).__name__


main()
