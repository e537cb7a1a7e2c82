"""The frame of a client program: connects, says so, works when told to, and prints what it found.
Which work that is stands in the program."""

import json
import sys
import time

from distributed import Client
from distributed.security import Security


def connect(parameters):
    security = None
    if parameters["scheme"] == "tls":
        tls = parameters["tls"]
        security = Security(
            require_encryption=True,
            tls_ca_file=tls["ca"],
            tls_client_cert=tls["cert"],
            tls_client_key=tls["key"],
        )
    return Client(parameters["address"], security=security)


def serve(work):
    parameters = json.loads(sys.argv[1])
    client = connect(parameters)
    client.wait_for_workers(parameters["workers"])
    say("ready")
    sys.stdin.readline()
    say("done " + json.dumps(work(client, parameters)))
    # Whoever measures ends this process, once it has read what was used.
    sys.stdin.readline()


def say(line):
    print(line, flush=True)


def check(holds, otherwise):
    if not holds:
        raise RuntimeError(f"wrong result: {otherwise}")


def percentiles(milliseconds):
    ordered = sorted(milliseconds)

    def at(share):
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]

    return {"p50": at(0.5), "p95": at(0.95), "p99": at(0.99)}


now = time.perf_counter
