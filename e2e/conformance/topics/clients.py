# Clients themselves: which one is meant, executors, plugins, files for workers.
import time

from harness import case, main


def inc(x):
    return x + 1


@case("Client.as_current", "Client.current")
def a_second_client_for_a_while(c):
    from distributed import Client

    with Client(set_as_default=False) as other:
        with other.as_current():
            inside = Client.current() is other
        return inside, Client.current() is c


@case("Client.current")
def none_in_a_thread_of_its_own(c):
    from distributed import Client

    return Client.current(allow_global=True) is c


@case("Client.asynchronous", "Client.loop", "Client.sync")
def runs_a_loop_beside(c):
    async def five():
        return 5

    return c.asynchronous, type(c.loop).__name__, c.sync(five)


@case("Client.start", "Client.close")
def twice_each(c):
    from distributed import Client

    other = Client(set_as_default=False)
    other.start()
    before = other.status
    other.close()
    other.close()
    return before, other.status


@case("Client.close")
def forgets_its_tasks(c):
    from distributed import Client

    other = Client(set_as_default=False)
    future = other.submit(inc, 1, key="of-a-closed-client")
    future.result()
    other.close()
    deadline = time.time() + 10
    while c.who_has().get("of-a-closed-client") and time.time() < deadline:
        time.sleep(0.05)
    return future.status, c.who_has().get("of-a-closed-client")


@case("Client.close")
def what_a_closed_client_says(c):
    from distributed import Client

    other = Client(set_as_default=False)
    other.close()
    return other.submit(inc, 1)


@case("Client.get_executor")
def as_concurrent_futures(c):
    import concurrent.futures

    with c.get_executor(retries=1) as executor:
        future = executor.submit(inc, 1)
        mapped = list(executor.map(inc, range(5)))
        done = concurrent.futures.wait([future], timeout=10).done
        return future.result(timeout=10), mapped, len(done)


@case("Client.get_executor")
def an_error_and_a_cancel(c):
    with c.get_executor() as executor:
        bad = executor.submit(lambda: 1 / 0)
        slow = executor.submit(time.sleep, 10)
        return bad.exception(timeout=10), slow.cancel(), slow.cancelled()


@case("Client.upload_file")
def a_module_for_the_workers(c):
    import os
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "uploaded_module.py")
        with open(path, "w") as file:
            file.write("def answer():\n    return 42\n")
        reply = c.upload_file(path)

    def use():
        import uploaded_module

        return uploaded_module.answer()

    return c.submit(use, pure=False).result(), sorted(map(str, (reply or {}).values()))


@case("Client.upload_file")
def that_does_not_load(c):
    import os
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "uploaded_broken.py")
        with open(path, "w") as file:
            file.write("raise SystemError('broken module')\n")
        return c.upload_file(path)


@case("Client.register_plugin", "Client.unregister_worker_plugin")
def of_workers(c):
    from distributed import WorkerPlugin

    class Mark(WorkerPlugin):
        def setup(self, worker):
            worker.marked = True

        def teardown(self, worker):
            worker.marked = False

    reply = c.register_plugin(Mark(), name="mark")
    during = c.run(lambda dask_worker: dask_worker.marked)
    c.unregister_worker_plugin("mark")
    return sorted(map(str, reply.values())), during, c.run(lambda dask_worker: dask_worker.marked)


@case("Client.register_plugin")
def of_workers_failing(c):
    from distributed import WorkerPlugin

    class Bad(WorkerPlugin):
        def setup(self, worker):
            raise RuntimeError("no setup")

    try:
        return c.register_plugin(Bad(), name="bad")
    finally:
        c.unregister_worker_plugin("bad")


@case("Client.unregister_worker_plugin")
def of_an_unknown_name(c):
    return c.unregister_worker_plugin("unknown-plugin")


@case("Client.register_plugin", "Client.unregister_worker_plugin")
def of_nannies(c):
    from distributed import NannyPlugin

    class Mark(NannyPlugin):
        def setup(self, nanny):
            nanny.marked = True

        def teardown(self, nanny):
            nanny.marked = False

    c.register_plugin(Mark(), name="nanny-mark")
    during = c.run(lambda dask_worker: dask_worker.marked, nanny=True)
    c.unregister_worker_plugin("nanny-mark", nanny=True)
    after = c.run(lambda dask_worker: dask_worker.marked, nanny=True)
    return during, after


@case("Client.register_plugin", "Client.unregister_scheduler_plugin")
def of_the_scheduler(c):
    from distributed import SchedulerPlugin

    class Count(SchedulerPlugin):
        name = "count"

    c.register_plugin(Count())
    return c.unregister_scheduler_plugin("count")


@case("Client.unregister_scheduler_plugin")
def of_the_scheduler_by_an_unknown_name(c):
    return c.unregister_scheduler_plugin("unknown-plugin")


@case("Client.register_worker_callbacks")
def at_the_start_of_each_worker(c):
    def setup(dask_worker):
        dask_worker.called_back = dask_worker.name

    c.register_worker_callbacks(setup)
    return sorted(c.run(lambda dask_worker: dask_worker.called_back).values())


main()
