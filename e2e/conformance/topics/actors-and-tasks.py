# Programs inside tasks: actors, nested clients, seceding, prints and warnings.
import time

from harness import case, main


def inc(x):
    return x + 1


class Counter:
    step = 1
    n = 0

    def __init__(self, start=0):
        self.n = start

    def increment(self, by=1):
        self.n += by
        return self.n

    async def later(self):
        return self.n

    def fail(self):
        raise ArithmeticError("as asked")

    def other(self, actor):
        return actor.increment().result()


@case("Client.submit", "ActorFuture.result", "ActorFuture.done")
def an_actor_counts(c):
    counter = c.submit(Counter, 10, actor=True).result()
    call = counter.increment()
    first = call.result()
    return type(counter).__name__, first, call.done(), counter.increment(by=5).result(), counter.n


@case("Client.submit", "ActorFuture.result")
def an_actors_coroutine_and_class_attribute(c):
    counter = c.submit(Counter, 3, actor=True).result()
    return counter.later().result(), counter.step


@case("ActorFuture.result")
def an_actors_error(c):
    counter = c.submit(Counter, actor=True).result()
    return counter.fail().result()


@case("ActorFuture.result")
def not_in_time(c):
    class Slow:
        def sleep(self):
            time.sleep(2)

    return c.submit(Slow, actor=True).result().sleep().result(timeout=0.2)


@case("Actor.key", "Actor.client", "Actor.substitute")
def an_actors_own_names(c):
    future = c.submit(Counter, actor=True, key="named-actor")
    counter = future.result()
    return counter.key, counter.client is c, counter.substitute({}) is counter, repr(counter)


@case("Client.submit", "ActorFuture.result")
def an_actor_in_tasks(c):
    counter = c.submit(Counter, actor=True).result()

    def use(actor, i):
        return actor.increment().result()

    return sorted(c.gather([c.submit(use, counter, i, pure=False) for i in range(5)])), counter.n


@case("Client.map", "ActorFuture.result")
def several_actors(c):
    counters = c.gather(c.map(Counter, [1, 2, 3], actors=True))
    return [counter.increment().result() for counter in counters]


@case("EagerActorFuture.result", "EagerActorFuture.done")
def an_actor_calls_another_on_its_worker(c):
    class Caller:
        def call(self, actor):
            future = actor.increment()
            return type(future).__name__, future.result(), future.done()

    counter = c.submit(Counter, actor=True, workers=["left"]).result()
    caller = c.submit(Caller, actor=True, workers=["left"]).result()
    return caller.call(counter).result()


@case("as_completed.next", "ActorFuture.result")
def actor_futures_as_they_complete(c):
    from distributed import as_completed

    counter = c.submit(Counter, actor=True).result()
    calls = [counter.increment() for _ in range(5)]
    return sorted(call.result() for call in as_completed(calls))


@case("Client.compute", "Actor.key")
def an_actor_of_a_delayed_call(c):
    import dask

    made = dask.delayed(Counter)(5)
    counter = c.compute(made, actors=made).result()
    return counter.increment().result()


@case("ActorFuture.result", own_cluster=True, timeout=60)
def an_actor_whose_worker_is_lost(c):
    import os

    class Fragile:
        def die(self):
            os._exit(1)

        def hello(self):
            return "hello"

    fragile = c.submit(Fragile, actor=True, workers=["left"]).result()
    first = fragile.hello().result()
    try:
        fragile.die().result(timeout=10)
    except Exception:
        pass
    time.sleep(1)
    try:
        return first, fragile.hello().result(timeout=10)
    except Exception as error:
        return first, type(error).__name__


@case("worker_client")
def a_task_submits_tasks(c):
    def outer(n):
        from distributed import worker_client

        with worker_client() as client:
            return sum(client.gather(client.map(inc, range(n))))

    return c.submit(outer, 10).result(timeout=20)


@case("worker_client")
def as_many_nested_tasks_as_threads_and_more(c):
    def outer(n):
        from distributed import worker_client

        with worker_client() as client:
            return client.submit(inc, n).result()

    return c.gather(c.map(outer, range(12)))


@case("worker_client")
def without_leaving_the_pool(c):
    def outer():
        from distributed import worker_client

        with worker_client(separate_thread=False) as client:
            return client.scatter(5).key.split("-")[0], len(client.scheduler_info()["workers"])

    return c.submit(outer).result()


@case("get_client", "secede", "rejoin")
def leaves_and_comes_back(c):
    def outer(n):
        from distributed import get_client, rejoin, secede

        client = get_client()
        futures = client.map(inc, range(n), pure=False)
        secede()
        values = client.gather(futures)
        rejoin()
        return sum(values)

    return c.gather(c.map(outer, [3, 4, 5, 6, 7, 8]))


@case("get_client")
def outside_a_task_too(c):
    from distributed import default_client, get_client

    return get_client() is c, default_client() is c


@case("default_client")
def is_the_client_of_the_program(c):
    from distributed import Client, default_client

    return default_client() is c, Client.current() is c


@case("get_worker")
def tells_of_its_worker(c):
    def look():
        from distributed import get_worker

        worker = get_worker()
        return worker.name, worker.state.nthreads, sorted(worker.state.total_resources.items())

    return c.submit(look, workers=["left"]).result()


@case("get_worker")
def outside_a_worker(c):
    from distributed import get_worker

    return get_worker()


@case("worker_client", "Client.compute")
def dask_inside_a_task(c):
    def outer():
        import dask

        return dask.compute(dask.delayed(inc)(1))

    return c.submit(outer).result(timeout=20)


@case("local_client")
def a_local_client(c):
    def outer():
        from distributed import local_client

        with local_client() as client:
            return client.submit(inc, 1).result()

    return c.submit(outer).result(timeout=20)


@case("print")
def from_a_task_to_the_client(c):
    import contextlib
    import io

    def speak():
        from distributed import print

        print("hello", 5, sep="-", end="!\n")

    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        c.submit(speak).result()
        deadline = time.time() + 10
        while not out.getvalue() and time.time() < deadline:
            time.sleep(0.05)
    return out.getvalue()


@case("warn")
def from_a_task_to_the_clients_warnings(c):
    import warnings

    def complain():
        from distributed import warn

        warn("careful", UserWarning)

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        c.submit(complain).result()
        deadline = time.time() + 10
        while not seen and time.time() < deadline:
            time.sleep(0.05)
    return [(str(one.message), one.category.__name__) for one in seen]


@case("Client.submit", "worker_client")
def a_task_that_reschedules_itself(c):
    from distributed import Event

    def once():
        from distributed import Event, Reschedule

        if not Event("rescheduled").is_set():
            Event("rescheduled").set()
            raise Reschedule
        return "again"

    return c.submit(once).result(timeout=20), Event("rescheduled").is_set()


@case("span")
def names_a_part_of_a_program(c):
    from distributed import span

    with span("analysis", "part one") as identity:
        value = c.submit(inc, 1).result()
    return value, len(identity)


main()
