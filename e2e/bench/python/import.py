"""Loads what a program of a user loads, and tells how long that took."""

import time

start = time.perf_counter()
import distributed  # noqa: E402

# Named, because names may be loaded only when they are used.
loaded = [distributed.Client, distributed.LocalCluster, distributed.Future]
milliseconds = (time.perf_counter() - start) * 1000
assert all(callable(each) for each in loaded)
print(f'loaded {{"milliseconds": {milliseconds}}}', flush=True)
