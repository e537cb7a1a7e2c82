# What a cluster says of itself: workers, tasks, logs, events, profiles, versions.
import time

from harness import case, main


def inc(x):
    return x + 1


def slow(x, seconds=0.3):
    time.sleep(seconds)
    return x


def kinds(value, depth=2):
    """Keys and types, without what is measured."""
    if isinstance(value, dict) and depth > 0:
        return {key: kinds(item, depth - 1) for key, item in value.items()}
    return type(value).__name__


def until(condition, seconds=10):
    deadline = time.time() + seconds
    while not condition() and time.time() < deadline:
        time.sleep(0.05)
    return bool(condition())


@case("Client.scheduler_info")
def keys_and_types(c):
    info = c.scheduler_info(n_workers=-1)
    worker = next(iter(info["workers"].values()))
    for name in ("services", "metrics", "resources"):
        worker.pop(name)
    info.pop("workers"), info.pop("services")
    return kinds(info), kinds(worker)


@case("Client.scheduler_info")
def of_all_and_of_a_few(c):
    info = c.scheduler_info(n_workers=-1)
    few = c.scheduler_info(n_workers=1)
    workers = sorted(
        (w["name"], w["nthreads"], w["status"], w["resources"]) for w in info["workers"].values()
    )
    total = info["n_workers"], info["total_threads"]
    return info["type"], total, workers, len(few["workers"]), few["n_workers"]


@case("Client.scheduler_info")
def what_workers_measure(c):
    info = c.scheduler_info(n_workers=-1)
    return sorted({key for w in info["workers"].values() for key in w["metrics"]})


@case("Client.dashboard_link")
def leads_to_a_page(c):
    from urllib.parse import urlsplit

    parts = urlsplit(c.dashboard_link)
    return parts.scheme, parts.path, parts.port is not None


@case("Client.wait_for_workers")
def that_are_there(c):
    return c.wait_for_workers(2, timeout=5)


@case("Client.wait_for_workers")
def that_never_come(c):
    return c.wait_for_workers(200, timeout=0.3)


@case("Client.write_scheduler_file")
def and_connect_by_it(c):
    import os
    import tempfile

    from distributed import Client

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "scheduler.json")
        c.write_scheduler_file(path)
        with Client(scheduler_file=path, set_as_default=False) as other:
            return other.submit(inc, 1).result()


@case("Client.processing")
def what_runs_where(c):
    futures = c.map(slow, range(2), seconds=2, key=["run-0", "run-1"])
    found = until(lambda: sum(len(keys) for keys in c.processing().values()) == 2)
    processing = c.processing()
    c.cancel(futures)
    return found, set(processing), sorted(key for keys in processing.values() for key in keys)


@case("Client.call_stack")
def of_a_running_task(c):
    future = c.submit(slow, 1, seconds=3, key="on-the-stack")
    until(lambda: any(c.processing().values()))
    time.sleep(0.3)
    stacks = c.call_stack([future])
    text = str(stacks)
    everything = c.call_stack()
    future.cancel()
    tasks = [key for frames in stacks.values() for key in frames]
    return tasks, "def slow" in text or "in slow" in text or "slow" in text, len(everything)


@case("Client.profile")
def of_what_ran(c):
    c.gather(c.map(slow, range(6), pure=False))
    time.sleep(1.5)
    profile = c.profile()
    server = c.profile(scheduler=True)
    return sorted(profile), profile["count"] > 0, sorted(server)


@case("Client.get_versions")
def of_all(c):
    versions = c.get_versions(check=True)
    workers = {str(sorted(version)) for version in versions["workers"].values()}
    return sorted(versions), sorted(versions["scheduler"]), workers


@case("Client.get_versions")
def of_packages(c):
    versions = c.get_versions(packages=["numpy"])
    workers = list(versions["workers"].values())
    same = all(w["packages"] == versions["client"]["packages"] for w in workers)
    return same, sorted(versions["scheduler"]["packages"])


@case("Client.get_scheduler_logs")
def lines_of_the_scheduler(c):
    logs = c.get_scheduler_logs(n=3)
    return type(logs).__name__, {tuple(map(type, line)) for line in logs}


@case("Client.get_worker_logs")
def lines_of_workers_and_nannies(c):
    logs = c.get_worker_logs(n=2)
    nannies = c.get_worker_logs(n=2, nanny=True)
    return set(logs), {len(lines) for lines in logs.values()}, len(nannies)


@case("Client.log_event", "Client.get_events")
def own_topics(c):
    c.log_event("own-topic", {"x": 1})
    c.log_event(["own-topic", "other-topic"], "both")
    until(lambda: len(c.get_events("own-topic")) == 2)
    return [event for _, event in c.get_events("own-topic")], len(c.get_events("other-topic"))


@case("Client.get_events")
def of_a_task(c):
    c.submit(
        lambda: __import__("distributed").get_worker().log_event("from-a-task", [1, {"a": 2}])
    ).result()
    until(lambda: c.get_events("from-a-task"))
    return [event for _, event in c.get_events("from-a-task")], c.get_events("silent-topic")


@case("Client.subscribe_topic", "Client.unsubscribe_topic")
def own_handler(c):
    seen = []
    c.subscribe_topic("watched", lambda event: seen.append(event[1]))
    time.sleep(0.2)
    c.log_event("watched", "first")
    until(lambda: seen)
    c.unsubscribe_topic("watched")
    time.sleep(0.2)
    c.log_event("watched", "second")
    time.sleep(0.5)
    return seen


@case("Client.unsubscribe_topic")
def that_was_never_subscribed(c):
    return c.unsubscribe_topic("never-subscribed")


@case("Client.forward_logging", "Client.unforward_logging")
def logs_of_tasks(c):
    import logging

    seen = []

    class Keep(logging.Handler):
        def emit(self, record):
            seen.append((record.levelname, record.getMessage()))

    logger = logging.getLogger("forwarded")
    logger.addHandler(Keep())

    def speak(text):
        import logging

        logging.getLogger("forwarded").warning("heard %s", text)

    c.forward_logging("forwarded")
    c.submit(speak, "one").result()
    until(lambda: seen)
    c.unforward_logging("forwarded")
    c.submit(speak, "two").result()
    time.sleep(0.3)
    return seen


@case("Client.story")
def of_a_key(c):
    future = c.submit(inc, 1, key="told-of")
    future.result()
    story = c.story("told-of")
    ends = [line[2:4] for line in story if line[0] == "scheduler" and line[1] == "told-of"]
    workers = {line[0] for line in story} - {"scheduler"}
    return ends[:3], len(workers) > 0


@case("Client.get_task_stream", "get_task_stream")
def what_ran_meanwhile(c):
    from distributed import get_task_stream

    c.get_task_stream()
    with get_task_stream() as stream:
        c.gather(c.map(inc, range(5), key=[f"streamed-{i}" for i in range(5)]))
    data = stream.data
    return sorted(one["key"] for one in data), sorted(data[0]), data[0]["status"]


@case("Client.get_task_stream")
def the_last_ones(c):
    c.get_task_stream()
    c.gather(c.map(inc, range(7), key=[f"last-{i}" for i in range(7)]))
    return len(c.get_task_stream(count=3))


@case("get_task_metadata")
def collected_meanwhile(c):
    from distributed import get_task_metadata

    with get_task_metadata() as tasks:
        c.gather(c.map(inc, range(3), key=[f"collected-{i}" for i in range(3)]))
    return sorted(tasks.metadata), sorted(tasks.state.items())


@case("performance_report")
def written_to_a_file(c):
    import os
    import tempfile

    from distributed import performance_report

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "report.html")
        with performance_report(filename=path):
            c.gather(c.map(inc, range(5)))
        return os.path.getsize(path) > 1000


@case("Client.dump_cluster_state")
def into_a_file_here(c):
    import gzip
    import os
    import tempfile

    import msgpack

    future = c.submit(inc, 1, key="dumped")
    future.result()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "dump")
        c.dump_cluster_state(path)
        with gzip.open(path + ".msgpack.gz") as file:
            state = msgpack.unpack(file, strict_map_key=False, use_list=False)
    task = state["scheduler"]["tasks"]["dumped"]
    return sorted(state), task["state"], len(state["workers"])


@case("Client.dump_cluster_state")
def into_a_file_of_the_schedulers(c):
    import os
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "dump")
        c.dump_cluster_state(path, write_from_scheduler=True, format="yaml")
        return os.listdir(folder)


@case("Client.benchmark_hardware", timeout=90)
def memory_disk_and_network(c):
    return {key: sorted(value) for key, value in c.benchmark_hardware().items()}


@case("progress")
def to_the_end(c):
    import contextlib
    import io

    from distributed import progress

    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        futures = c.map(slow, range(4), pure=False)
        progress(futures, notebook=False)
        time.sleep(0.3)
    return "100% Completed" in out.getvalue()


@case("Client.run")
def on_every_worker(c):
    return c.run(lambda: 5)


@case("Client.run")
def on_some_with_arguments(c):
    address = sorted(c.scheduler_info(n_workers=-1)["workers"])[0]
    there = c.run(lambda x, y=0: x + y, 1, y=2, workers=[address])
    return len(there), list(there.values())


@case("Client.run")
def with_the_worker_itself(c):
    return sorted(c.run(lambda dask_worker: dask_worker.name).values())


@case("Client.run")
def a_coroutine(c):
    async def later(dask_worker):
        import asyncio

        await asyncio.sleep(0.01)
        return dask_worker.name

    return sorted(c.run(later).values())


@case("Client.run")
def that_fails(c):
    return c.run(lambda: 1 / 0)


@case("Client.run")
def that_fails_on_one(c):
    def fail(dask_worker):
        if dask_worker.name == "right":
            raise ValueError("on one")
        return "fine"

    returned = sorted(map(str, c.run(fail, on_error="return").values()))
    return returned, list(c.run(fail, on_error="ignore").values())


@case("Client.run")
def on_nannies(c):
    return sorted(map(str, c.run(lambda dask_worker: type(dask_worker).__name__, nanny=True).values()))


@case("Client.run")
def without_waiting(c):
    return c.run(time.sleep, 0.01, wait=False)


@case("Client.run_on_scheduler")
def python_in_the_scheduler(c):
    return c.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.workers))


@case("Client.amm")
def manages_memory(c):
    before = c.amm.running()
    c.amm.stop()
    stopped = c.amm.running()
    c.amm.run_once()
    c.amm.start()
    return before, stopped, c.amm.running()


@case("Client.amm")
def takes_surplus_copies_away(c):
    futures = c.scatter([21, 22], broadcast=True, hash=False)
    c.amm.run_once()
    return until(lambda: all(len(where) == 1 for where in c.who_has(futures).values()))


main()
