# The same from programs that run an event loop: methods that give coroutines there.
import asyncio

from harness import case, main


def inc(x):
    return x + 1


def fail(text):
    raise ValueError(text)


@case("Client.submit", "Future.result", "Client.asynchronous")
async def awaited_futures(c):
    future = c.submit(inc, 1)
    return await future, await c.submit(inc, future).result(), c.asynchronous


@case("Client.map", "Client.gather", "as_completed.next")
async def a_map_awaited(c):
    from distributed import as_completed

    futures = c.map(inc, range(10))
    seen = sorted([await future async for future in as_completed(futures)])
    return await c.gather(futures), seen, await c.gather(futures, direct=True)


@case("Future.exception", "Future.traceback")
async def a_failure_awaited(c):
    future = c.submit(fail, "awaited")
    error, trace = await future.exception(), await future.traceback()
    return error, type(trace).__name__, future.status


@case("Future.cancel", "Client.cancel", "Client.retry", "Future.retry")
async def cancelled_and_retried(c):
    future = c.submit(asyncio.sleep, 5, key="async-cancelled")
    await future.cancel()
    bad = c.submit(fail, "again")
    await bad.exception()
    await bad.retry()
    return future.cancelled(), await bad.exception()


@case("Client.submit")
async def coroutine_functions_as_tasks(c):
    async def later(x):
        await asyncio.sleep(0.05)
        return x * 2

    return await c.gather(c.map(later, range(5)))


@case("Client.scatter", "Client.who_has", "Client.has_what", "Client.nthreads")
async def data_awaited(c):
    futures = await c.scatter([1, 2, 3], broadcast=True)
    who = await c.who_has(futures)
    return sorted(len(where) for where in who.values()), set(await c.nthreads())


@case("Client.compute", "Client.persist")
async def collections_awaited(c):
    import dask.array

    x = dask.array.arange(100, chunks=10)
    kept = c.persist(x + 1)
    return int(await c.compute(x.sum())), int(await c.compute(kept.sum()))


@case("Client.get")
async def a_graph_awaited(c):
    futures = c.get({"x": (inc, 1), "y": (inc, "x")}, ["x", "y"], sync=False)
    return await c.gather(futures)


@case("Client.run", "Client.scheduler_info", "Client.processing", "Client.nbytes")
async def the_cluster_awaited(c):
    info = await c.scheduler.identity(n_workers=-1)
    return await c.run(lambda: 1), info["n_workers"], set(await c.processing())


@case("Client.publish_dataset", "Client.get_dataset", "Client.unpublish_dataset")
async def datasets_awaited(c):
    await c.publish_dataset(c.submit(inc, 1), name="async-set")
    found = await (await c.get_dataset("async-set"))
    names = await c.list_datasets()
    await c.unpublish_dataset("async-set")
    return found, names, await c.list_datasets()


@case("Variable.set", "Variable.get", "Queue.put", "Queue.get", "Queue.qsize")
async def variables_and_queues_awaited(c):
    from distributed import Queue, Variable

    variable, queue = Variable("async-variable"), await Queue("async-queue")
    await variable.set(c.submit(inc, 1))
    await queue.put(5)
    await queue.put(c.submit(inc, 5))
    size = await queue.qsize()
    future = await variable.get()
    return await future, size, await queue.get(), await (await queue.get())


@case("Lock.acquire", "Lock.release", "Event.wait", "Event.set", "Semaphore.acquire")
async def locks_and_events_awaited(c):
    from distributed import Event, Lock, MultiLock, Semaphore

    event, semaphore = Event("async-event"), await Semaphore(max_leases=1, name="async-semaphore")
    async with Lock("async-lock"):
        second = await Lock("async-lock").acquire(timeout=0.2)
    async with MultiLock(["a", "b"]):
        third = await MultiLock(["b"]).acquire(timeout=0.2)
    waiting = asyncio.ensure_future(event.wait(timeout=10))
    await event.set()
    got = [await semaphore.acquire(timeout=0.2) for _ in range(2)]
    await semaphore.release()
    return second, third, await waiting, got


@case("ActorFuture.result", "Actor.key")
async def actors_awaited(c):
    class Counter:
        n = 0

        def increment(self):
            self.n += 1
            return self.n

    counter = await c.submit(Counter, actor=True, key="async-actor")
    return await counter.increment(), await counter.increment(), counter.key


@case("Client.replicate", "Client.rebalance", "Client.set_metadata", "Client.get_metadata")
async def moving_and_noting_awaited(c):
    futures = await c.scatter([31, 32], hash=False)
    await c.replicate(futures)
    await c.rebalance(futures)
    await c.set_metadata("async-metadata", 1)
    return await c.get_metadata("async-metadata"), await c.gather(futures)


@case("wait", "fire_and_forget", "Client.log_event", "Client.get_events")
async def waiting_and_events_awaited(c):
    from distributed import wait

    done, not_done = await wait(c.map(inc, range(5)))
    await c.log_event("async-topic", "x")
    return len(done), len(not_done), [event for _, event in await c.get_events("async-topic")]


@case("Client.upload_file", "Client.register_plugin", "Client.unregister_worker_plugin")
async def plugins_awaited(c):
    from distributed import WorkerPlugin

    class Mark(WorkerPlugin):
        def setup(self, worker):
            worker.async_mark = 5

    await c.register_plugin(Mark(), name="async-mark")
    seen = await c.run(lambda dask_worker: dask_worker.async_mark)
    await c.unregister_worker_plugin("async-mark")
    return seen


@case("Client.story", "Client.call_stack", "Client.profile", "Client.get_versions")
async def diagnostics_awaited(c):
    await c.submit(inc, 1, key="async-story")
    story = await c.story("async-story")
    versions = await c.get_versions()
    return len(story) > 0, await c.call_stack(), sorted(versions), sorted(await c.profile())


@case("Client.wait_for_workers", "Client.start", "Client.close")
async def another_client_awaited(c):
    from distributed import Client

    async with Client(asynchronous=True, set_as_default=False) as other:
        await other.wait_for_workers(2)
        value = await other.submit(inc, 5)
    return value, other.status


@case("worker_client", "secede", "get_client")
async def an_asynchronous_task_with_a_client(c):
    async def outer(n):
        from distributed import get_client

        client = get_client()
        return sum(await client.gather(client.map(inc, range(n))))

    return await c.submit(outer, 5)


@case("Client.restart", own_cluster=True, timeout=90)
async def restarted_and_awaited(c):
    future = c.submit(inc, 1)
    await future
    await c.restart()
    return future.status, await c.submit(inc, 2), len(await c.nthreads())


main()
