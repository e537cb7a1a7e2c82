"""Maps a tiny function over numbers on a local cluster that is up; each result goes into a file."""

import json
import os
import sys
import tempfile
import time


def product(x, y):
    return x * y


def run(calls, output_dir, **options):
    from acme import ParallelMap

    start = time.perf_counter()
    with ParallelMap(product, list(range(calls)), 3, output_dir=output_dir, **options) as pmap:
        paths = pmap.compute()
    milliseconds = (time.perf_counter() - start) * 1000
    assert len(paths) == calls and all(os.path.exists(path) for path in paths)
    return milliseconds, pmap.results_container


if __name__ == "__main__":
    import acme  # noqa: F401
    from distributed import Client, LocalCluster

    parameters = json.loads(sys.argv[1])
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    client = Client(cluster)
    client.wait_for_workers(2)
    print("ready", flush=True)
    sys.stdin.readline()
    folder = tempfile.mkdtemp(dir=parameters["folder"])
    calls = parameters["calls"]
    milliseconds, container = run(calls, os.path.join(folder, "files"))
    pickles, _ = run(calls, os.path.join(folder, "pickles"), write_pickle=True)
    done = {"milliseconds": milliseconds, "picklesMilliseconds": pickles, "container": container}
    print("done " + json.dumps(done), flush=True)
    sys.stdin.readline()
