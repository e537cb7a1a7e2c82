# What ends workers or the whole cluster; each of these programs has a cluster for itself.
import time

from harness import case, main


def inc(x):
    return x + 1


def until(condition, seconds=30):
    deadline = time.time() + seconds
    while not condition() and time.time() < deadline:
        time.sleep(0.1)
    return bool(condition())


def pids(c):
    import os

    return c.run(os.getpid)


@case("Client.restart", own_cluster=True, timeout=90)
def new_processes_and_cancelled_futures(c):
    before = pids(c)
    future = c.submit(inc, 1)
    future.result()
    c.restart(timeout=60)
    after = pids(c)
    return future.status, len(after), set(before.values()) & set(after.values())


@case("Client.restart", own_cluster=True, timeout=90)
def without_waiting_for_workers(c):
    c.restart(wait_for_workers=False)
    return until(lambda: len(c.nthreads()) == 2), c.submit(inc, 1).result(timeout=30)


@case("Client.restart_workers", own_cluster=True, timeout=90)
def one_of_them(c):
    before = pids(c)
    info = c.scheduler_info(n_workers=-1)["workers"]
    address = next(where for where, worker in info.items() if worker["name"] == "left")
    reply = c.restart_workers([address], timeout=60)
    until(lambda: len(c.nthreads()) == 2)
    after = pids(c)
    return reply, len(set(before.values()) & set(after.values()))


@case("Client.restart_workers", own_cluster=True, timeout=90)
def one_by_its_name(c):
    return list(c.restart_workers(["right"], timeout=60).values())


@case("Client.retire_workers", own_cluster=True, timeout=90)
def and_keep_what_they_have(c):
    info = c.scheduler_info(n_workers=-1)["workers"]
    gone = next(address for address, worker in info.items() if worker["name"] == "left")
    future = c.submit(inc, 41, workers=["left"])
    future.result()
    reply = c.retire_workers([gone])
    left = until(lambda: len(c.nthreads()) == 1)
    return list(reply) == [gone], sorted(reply[gone]), left, future.result(timeout=10)


@case("Client.retire_workers", own_cluster=True, timeout=90)
def by_name_without_closing(c):
    reply = c.retire_workers(names=["right"], close_workers=False)
    return len(reply), until(lambda: len(c.nthreads()) == 1)


@case("Client.retire_workers", own_cluster=True, timeout=90)
def as_many_as_there_are_too_many(c):
    return len(c.retire_workers(n=1)), until(lambda: len(c.nthreads()) == 1)


@case("Client.shutdown", own_cluster=True, timeout=90)
def the_whole_cluster(c):
    from distributed import Client

    future = c.submit(inc, 1)
    future.result()
    address = c.scheduler.address
    c.shutdown()
    try:
        Client(address, timeout="2s", set_as_default=False)
        reachable = True
    except OSError:
        reachable = False
    return c.status, reachable


@case("Client.gather", "Future.status", own_cluster=True, timeout=90)
def a_worker_is_killed_with_results(c):
    import os
    import signal

    futures = c.map(inc, range(20))
    c.gather(futures)
    pid = next(iter(pids(c).values()))
    os.kill(pid, signal.SIGKILL)
    return c.gather(futures)


@case("Client.scatter", "Future.status", own_cluster=True, timeout=90)
def a_worker_is_killed_with_scattered_data(c):
    import os
    import signal

    held = c.scatter(5, workers=["left"], hash=False)
    address, = c.who_has([held])[held.key]
    os.kill(pids(c)[address], signal.SIGKILL)
    until(lambda: held.status != "finished")
    return held.status


main()
