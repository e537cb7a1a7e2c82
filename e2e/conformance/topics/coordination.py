# Variables, queues, locks, events and semaphores, between clients and inside tasks.
import time

from harness import case, main


def inc(x):
    return x + 1


@case("Variable.set", "Variable.get", "Variable.client")
def a_plain_value(c):
    from distributed import Variable

    one = Variable("plain-variable")
    one.set({"x": [1, "two"]})
    return Variable("plain-variable").get(), one.client is c


@case("Variable.set", "Variable.get")
def a_future(c):
    from distributed import Variable

    shared = Variable("future-variable")
    shared.set(c.submit(inc, 1))
    return shared.get().result(timeout=10), shared.get(timeout="5s").status


@case("Variable.set", "Variable.get")
def a_future_that_fails(c):
    from distributed import Variable

    shared = Variable("failing-variable")
    future = c.submit(lambda: 1 / 0)
    shared.set(future)
    return shared.get().exception(timeout=10)


@case("Variable.get")
def nothing_in_time(c):
    from distributed import Variable

    return Variable("never-set").get(timeout=0.2)


@case("Variable.get")
def waits_for_another_client(c):
    from distributed import Variable

    def later():
        time.sleep(0.3)
        Variable("set-in-a-task").set("there")

    future = c.submit(later)
    return Variable("set-in-a-task").get(timeout=10), future.result()


@case("Variable.delete")
def is_gone_afterwards(c):
    from distributed import Variable

    shared = Variable("deleted-variable")
    shared.set(1)
    shared.delete()
    time.sleep(0.3)
    return shared.get(timeout=0.2)


@case("Variable.set")
def keeps_a_future_alive(c):
    from distributed import Variable

    future = c.submit(inc, 5, key="kept-by-a-variable")
    future.result()
    Variable("keeper").set(future)
    del future
    time.sleep(0.5)
    return Variable("keeper").get().result(timeout=10)


@case("Queue.put", "Queue.get", "Queue.qsize", "Queue.client")
def first_in_first_out(c):
    from distributed import Queue

    queue = Queue("plain-queue")
    for value in (1, "two", [3]):
        queue.put(value)
    size = queue.qsize()
    return size, [Queue("plain-queue").get() for _ in range(3)], queue.qsize(), queue.client is c


@case("Queue.put", "Queue.get")
def futures(c):
    from distributed import Queue

    queue = Queue("future-queue")
    for future in c.map(inc, range(3)):
        queue.put(future)
    return [queue.get().result(timeout=10) for _ in range(3)]


@case("Queue.get")
def in_batches(c):
    from distributed import Queue

    queue = Queue("batched-queue")
    for i in range(5):
        queue.put(i)
    return queue.get(batch=2), queue.get(batch=True), queue.get(batch=True)


@case("Queue.get")
def nothing_in_time_from_a_queue(c):
    from distributed import Queue

    return Queue("empty-queue").get(timeout=0.2)


@case("Queue.put")
def not_more_than_fits(c):
    from distributed import Queue

    queue = Queue("small-queue", maxsize=1)
    queue.put(1)
    try:
        queue.put(2, timeout=0.2)
    except TimeoutError as error:
        return type(error).__name__, queue.qsize(), queue.get()


@case("Queue.put", "Queue.get")
def between_tasks(c):
    from distributed import Queue

    def produce(n):
        queue = Queue("between-tasks")
        for i in range(n):
            queue.put(i)

    def consume(n):
        queue = Queue("between-tasks")
        return [queue.get(timeout=10) for _ in range(n)]

    consumer = c.submit(consume, 5)
    c.submit(produce, 5).result()
    return consumer.result()


@case("Queue.close")
def an_empty_one(c):
    from distributed import Queue

    queue = Queue("closed-queue")
    queue.put(1)
    queue.close()
    time.sleep(0.2)
    return Queue("closed-queue").qsize()


@case("Lock.acquire", "Lock.release", "Lock.locked", "Lock.get_value")
def taken_and_given_back(c):
    from distributed import Lock

    lock = Lock("a-lock")
    before = lock.locked()
    first = lock.acquire()
    taken = lock.locked(), lock.get_value()
    second = Lock("a-lock").acquire(timeout=0.2)
    lock.release()
    return before, first, taken, second, lock.locked()


@case("Lock.acquire")
def without_blocking(c):
    from distributed import Lock

    with Lock("busy-lock"):
        return Lock("busy-lock").acquire(blocking=False)


@case("Lock.acquire")
def without_blocking_but_with_a_timeout(c):
    from distributed import Lock

    return Lock("odd-lock").acquire(blocking=False, timeout=1)


@case("Lock.release")
def that_is_not_held(c):
    from distributed import Lock

    return Lock("free-lock").release()


@case("Lock.acquire")
def one_task_at_a_time(c):
    from distributed import Lock, Variable

    Variable("guarded").set(0)

    def raise_it(_):
        with Lock("guard"):
            value = Variable("guarded").get()
            time.sleep(0.02)
            Variable("guarded").set(value + 1)

    c.gather(c.map(raise_it, range(8), pure=False))
    return Variable("guarded").get()


@case("Lock.register", "Lock.close")
def a_lock_is_a_semaphore(c):
    from distributed import Lock

    lock = Lock("closed-lock")
    lock.register()
    lock.close()
    return lock.acquire(timeout=0.2)


@case("Lock.asynchronous", "Lock.loop", "Lock.scheduler", "Lock.sync")
def of_its_client(c):
    from distributed import Lock

    lock = Lock("client-lock")

    async def five():
        return 5

    return lock.asynchronous, lock.loop is c.loop, type(lock.scheduler).__name__, lock.sync(five)


@case("MultiLock.acquire", "MultiLock.release", "MultiLock.locked")
def several_names_at_once(c):
    from distributed import MultiLock

    one, other = MultiLock(["x", "y"]), MultiLock(["y", "z"])
    first = one.acquire()
    second = other.acquire(timeout=0.2)
    locked = one.locked(), other.locked()
    one.release()
    third = other.acquire(timeout=5)
    other.release()
    return first, second, locked, third, other.locked()


@case("MultiLock.acquire")
def only_some_of_the_names(c):
    from distributed import MultiLock

    with MultiLock(["p", "q"]):
        some = MultiLock(["q", "r", "s"])
        got = some.acquire(num_locks=2, timeout=5)
        some.release()
        return got, MultiLock(["p"]).acquire(blocking=False)


@case("MultiLock.release")
def that_nobody_holds(c):
    from distributed import MultiLock

    return MultiLock(["unheld"]).release()


@case("Event.set", "Event.is_set", "Event.wait", "Event.clear")
def up_and_down(c):
    from distributed import Event

    event = Event("up-and-down")
    before, timed_out = event.is_set(), event.wait(timeout=0.2)
    event.set()
    during, waited = Event("up-and-down").is_set(), event.wait(timeout=5)
    event.clear()
    return before, timed_out, during, waited, event.is_set()


@case("Event.wait", "Event.client")
def in_a_task(c):
    from distributed import Event

    future = c.submit(lambda: Event("from-outside").wait(timeout=10))
    time.sleep(0.2)
    event = Event("from-outside")
    event.set()
    return future.result(), event.client is c


@case("Event.set")
def pickled(c):
    import pickle

    from distributed import Event

    event = pickle.loads(pickle.dumps(Event("pickled-event")))
    event.set()
    return Event("pickled-event").is_set(), repr(event)


@case("Semaphore.acquire", "Semaphore.release", "Semaphore.get_value")
def two_at_a_time(c):
    from distributed import Semaphore

    semaphore = Semaphore(max_leases=2, name="pair")
    got = [semaphore.acquire(timeout=0.2) for _ in range(3)]
    value = semaphore.get_value()
    semaphore.release()
    return got, value, semaphore.get_value(), semaphore.acquire(timeout=5)


@case("Semaphore.acquire")
def never_more_than_allowed_in_tasks(c):
    from distributed import Semaphore

    def count(_, semaphore):
        with semaphore:
            time.sleep(0.02)
            return semaphore.get_value() <= 1

    semaphore = Semaphore(max_leases=1, name="single")
    return c.gather(c.map(count, range(6), semaphore=semaphore, pure=False))


@case("Semaphore.register")
def another_number_of_leases(c):
    from distributed import Semaphore

    Semaphore(max_leases=1, name="fixed").acquire()
    return Semaphore(max_leases=5, name="fixed").acquire(timeout=1)


@case("Semaphore.release")
def more_than_were_taken(c):
    from distributed import Semaphore

    semaphore = Semaphore(max_leases=1, name="unheld")
    return semaphore.release()


@case("Semaphore.close")
def a_closed_one_is_not_acquired(c):
    from distributed import Semaphore

    semaphore = Semaphore(max_leases=1, name="closed")
    semaphore.acquire()
    semaphore.close()
    return semaphore.acquire(timeout=0.2)


@case("Semaphore.asynchronous", "Semaphore.loop", "Semaphore.scheduler", "Semaphore.sync")
def of_a_client(c):
    from distributed import Semaphore

    one = Semaphore(name="client-semaphore")

    async def five():
        return 5

    return one.asynchronous, one.loop is c.loop, type(one.scheduler).__name__, one.sync(five)


main()
