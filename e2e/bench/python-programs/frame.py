"""What every program here shares: how large it is to be, and how it tells what it found. A program is
what a user of dask would write; it finds its scheduler by `Client()` alone."""

import hashlib
import json
import sys
import time

from distributed import Client


def main(work):
    """Calls `work(client, scale, Report)` and prints one line of JSON: values, and seconds per part."""
    scale = sys.argv[1] if len(sys.argv) > 1 else "small"
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    report = Report()
    with Client(timeout="30s") as client:
        client.wait_for_workers(workers, timeout=60)
        work(client, scale, report)
    print("found", json.dumps({"values": report.values, "seconds": report.seconds}), flush=True)


class Report:
    def __init__(self):
        self.values = {}
        self.seconds = {}

    def part(self, name, compute):
        """Times one part; its value is something that JSON can say exactly."""
        start = time.perf_counter()
        value = compute()
        self.seconds[name] = round(time.perf_counter() - start, 3)
        self.values[name] = value
        return value


def digest(array):
    """Tells arrays apart that differ in one bit."""
    return hashlib.sha256(array.tobytes()).hexdigest()[:16]
