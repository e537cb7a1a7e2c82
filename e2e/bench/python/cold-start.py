"""Starts a local cluster and computes one task on it, then waits to be ended."""

import json
import sys
import time


def increment(x):
    return x + 1


if __name__ == "__main__":
    from distributed import Client, LocalCluster

    encrypted = json.loads(sys.argv[1])["scheme"] == "tls"
    start = time.perf_counter()
    cluster = LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        dashboard_address=None,
        protocol="tls" if encrypted else "tcp",
        security=True if encrypted else None,
    )
    client = Client(cluster)
    value = client.submit(increment, 1).result()
    milliseconds = (time.perf_counter() - start) * 1000
    assert value == 2
    print("first " + json.dumps({"milliseconds": milliseconds}), flush=True)
    sys.stdin.readline()
