# Futures alone and by the dozen.
import time

from harness import case, main


def inc(x):
    return x + 1


def fail(x):
    raise KeyError(x)


def slow(x, seconds=0.2):
    time.sleep(seconds)
    return x


@case("Future.add_done_callback")
def called_when_done(c):
    import threading

    called = threading.Event()
    seen = []

    def done(future):
        seen.append((future.status, future.done()))
        called.set()

    future = c.submit(slow, 1, pure=False)
    future.add_done_callback(done)
    return called.wait(10), seen


@case("Future.bind_client", "Future.client")
def of_an_unpickled_future(c):
    import pickle

    from distributed import Future

    future = c.submit(inc, 1)
    again = pickle.loads(pickle.dumps(future))
    bare = Future(future.key)
    bare.bind_client(c)
    return again.result(), again.client is c, bare.client is c, bare.result(timeout=10)


@case("Future.cancel")
def a_single_future(c):
    future = c.submit(slow, 1, seconds=5, pure=False)
    future.cancel()
    return future.status, future.done()


@case("Future.cancel", "Future.exception")
def the_exception_of_a_cancelled_future(c):
    future = c.submit(slow, 1, seconds=5, key="a-cancelled-future")
    future.cancel(reason="tired", msg="of waiting")
    return future.exception()


@case("Future.cancelled")
def not_cancelled(c):
    return c.submit(inc, 1).cancelled()


@case("Future.done")
def before_and_after(c):
    future = c.submit(slow, 1, pure=False)
    before = future.done()
    future.result()
    return before, future.done()


@case("Future.exception", "Future.traceback")
def of_a_failed_call(c):
    import traceback

    future = c.submit(fail, "x")
    lines = traceback.extract_tb(future.traceback())
    return future.exception(), future.status, [line.name for line in lines]


@case("Future.exception", "Future.traceback")
def of_a_good_call(c):
    future = c.submit(inc, 1)
    return future.exception(), future.traceback()


@case("Future.exception")
def of_an_own_class(c):
    class Odd(Exception):
        def __init__(self, one, two):
            super().__init__(one, two)
            self.two = two

    def odd():
        raise Odd(1, [2])

    error = c.submit(odd).exception()
    return type(error).__name__, error.args, error.two


@case("Future.exception")
def with_a_cause(c):
    def chained():
        try:
            {}["missing"]
        except KeyError as error:
            raise RuntimeError("because of the key") from error

    error = c.submit(chained).exception()
    return error, error.__cause__


@case("Future.exception")
def that_cannot_be_pickled(c):
    class Held(Exception):
        def __init__(self):
            import threading

            super().__init__("held")
            self.lock = threading.Lock()

    def held():
        raise Held

    return str(c.submit(held).exception())


@case("Future.executor")
def is_the_client(c):
    return c.submit(inc, 1).executor is c


@case("Future.key")
def begins_with_the_name(c):
    return c.submit(inc, 1).key.split("-")[0]


@case("Future.release")
def lets_go_of_the_value(c):
    future = c.submit(inc, 1, key="released-key")
    future.result()
    future.release()
    deadline = time.time() + 10
    while c.who_has().get("released-key") and time.time() < deadline:
        time.sleep(0.05)
    return c.who_has().get("released-key"), future.status


@case("Future.result")
def in_time(c):
    try:
        return c.submit(slow, 5, seconds=5, pure=False).result(timeout=0.2)
    except TimeoutError as error:
        # Which of two limits is reached first decides about the text.
        return type(error).__name__


@case("Future.result")
def an_error_with_its_text(c):
    return c.submit(fail, "no such thing").result()


@case("Future.retry")
def runs_again(c):
    from distributed import Event

    def once_open():
        if not Event("future-retry").is_set():
            raise OSError(5, "not now")
        return "now"

    future = c.submit(once_open)
    error = future.exception()
    Event("future-retry").set()
    future.retry()
    return error, future.result(timeout=10)


@case("Future.status")
def of_each_kind(c):
    pending = c.submit(slow, 1, seconds=3, pure=False)
    good, bad = c.submit(inc, 1), c.submit(fail, 1)
    bad.exception(), good.result()
    before = pending.status
    pending.cancel()
    return before, good.status, bad.status, pending.status


@case("Future.substitute")
def leaves_a_future_as_it_is(c):
    future = c.submit(inc, 1)
    return future.substitute({}) is future


@case("Future.type")
def of_the_value(c):
    import numpy

    futures = [c.submit(inc, 1), c.submit(lambda: {"a": 1}), c.submit(numpy.arange, 3)]
    c.gather(futures)
    return [future.type for future in futures]


@case("wait")
def for_all(c):
    from distributed import wait

    done, not_done = wait(c.map(inc, range(10)))
    return len(done), len(not_done)


@case("wait")
def for_the_first(c):
    from distributed import wait

    futures = [c.submit(inc, 1), c.submit(slow, 1, seconds=3, pure=False)]
    done, not_done = wait(futures, return_when="FIRST_COMPLETED")
    return len(done), len(not_done)


@case("wait")
def not_for_ever(c):
    from distributed import wait

    return wait(c.submit(slow, 1, seconds=3, pure=False), timeout=0.2)


@case("fire_and_forget")
def runs_without_a_future(c):
    from distributed import Event, fire_and_forget

    def signal():
        Event("fired").set()

    fire_and_forget(c.submit(signal))
    return Event("fired").wait(timeout=10)


@case("as_completed.next", "as_completed.count", "as_completed.is_empty")
def in_the_order_of_completion(c):
    from distributed import as_completed

    pauses = [3.0, 0.0, 1.0]
    futures = [c.submit(slow, pause, pause, pure=False) for pause in pauses]
    completed = as_completed(futures)
    count = completed.count()
    first = completed.next()
    rest = [future.result() for future in completed]
    return count, first.result(), rest, completed.is_empty(), completed.count()


@case("as_completed.next")
def with_results(c):
    from distributed import as_completed

    pairs = as_completed(c.map(inc, range(5)), with_results=True)
    return sorted(result for future, result in pairs)


@case("as_completed.next")
def errors_raise_with_results(c):
    from distributed import as_completed

    return list(as_completed([c.submit(fail, 1)], with_results=True))


@case("as_completed.next")
def or_do_not_raise(c):
    from distributed import as_completed

    pairs = as_completed([c.submit(fail, 1)], with_results=True, raise_errors=False)
    return [(future.status, result[1]) for future, result in pairs]


@case("as_completed.next")
def cancelled_ones_too(c):
    from distributed import as_completed

    futures = [c.submit(slow, i, 1, pure=False) for i in range(3)]
    completed = as_completed(futures)
    futures[2].cancel()
    return sorted(future.status for future in completed)


@case("as_completed.next")
def not_beyond_its_time(c):
    from distributed import as_completed

    return list(as_completed([c.submit(slow, 1, 3, pure=False)], timeout=0.2))


@case("as_completed.add", "as_completed.update")
def grows_while_it_runs(c):
    from distributed import as_completed

    completed = as_completed(c.map(inc, range(3)))
    seen = []
    for future in completed:
        value = future.result()
        seen.append(value)
        if value < 10:
            completed.add(c.submit(inc, value + 2))
        elif value < 14:
            completed.update([c.submit(inc, value + 10), c.submit(inc, value + 20)])
    return sorted(seen)


@case("as_completed.batches")
def in_batches(c):
    from distributed import as_completed

    batches = list(as_completed(c.map(inc, range(20))).batches())
    return sorted(future.result() for batch in batches for future in batch)


@case("as_completed.next_batch", "as_completed.has_ready")
def a_batch_without_waiting(c):
    from distributed import as_completed

    completed = as_completed([c.submit(slow, 1, 1, pure=False)])
    ready, batch = completed.has_ready(), completed.next_batch(block=False)
    waited = completed.next_batch()
    return ready, batch, [future.result() for future in waited]


@case("as_completed.clear")
def forgets_the_rest(c):
    from distributed import as_completed

    completed = as_completed([c.submit(slow, i, 0.5, pure=False) for i in range(3)])
    completed.clear()
    return list(completed), completed.count()


@case("as_completed.condition")
async def is_one_of_asyncio(c):
    from distributed import as_completed

    completed = as_completed([c.submit(inc, 1)])
    condition = completed.condition
    return type(condition).__name__, [await future async for future in completed]


main()
