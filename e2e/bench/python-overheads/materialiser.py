"""Listens on all of 127.0.0.0/8 and answers `run`, as every Python worker does: whoever needs Python of a
fake worker gets it here. Says its port, and per line that it reads what it has used."""

import asyncio
import json
import resource
import sys
import time

from distributed.core import Server
from distributed.security import Security
from distributed.worker import run


class Materialiser(Server):
    def __init__(self):
        self.busy = 0.0
        super().__init__({"run": self.run})

    async def run(self, function, args=(), kwargs=None, wait=True):
        start = time.perf_counter()
        try:
            return await run(self, None, function=function, args=args, kwargs=kwargs, wait=wait)
        finally:
            self.busy += time.perf_counter() - start


async def main(scheme):
    server = Materialiser()
    arguments = Security().get_listen_args("worker") if scheme == "tls" else {}
    await server.listen(f"{scheme}://0.0.0.0:0", **arguments)
    print("ready", server.port, flush=True)
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        used = resource.getrusage(resource.RUSAGE_SELF)
        print("used", json.dumps({"cpuSeconds": used.ru_utime + used.ru_stime, "busySeconds": server.busy}), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
