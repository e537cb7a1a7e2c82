"""dask-jobqueue starts so many workers as SLURM jobs: jobs.py WORKERS HOST. Prints when."""
import json
import sys
import time

from dask.distributed import Client
from dask_jobqueue import SLURMCluster


def main():
    workers, host = int(sys.argv[1]), sys.argv[2]
    times = {"begin": time.time()}
    cluster = SLURMCluster(
        cores=1,
        processes=1,
        memory="256MB",
        queue="8GBXS",
        nanny=False,
        death_timeout=600,
        log_directory="dask-logs",
        scheduler_options={"host": host, "dashboard_address": None},
    )
    client = Client(cluster)
    times["scale"] = time.time()
    cluster.scale(workers)
    client.wait_for_workers(workers, timeout=800)
    times["registered"] = time.time()
    time.sleep(2)
    times["close"] = time.time()
    client.close()
    cluster.close()
    times["closed"] = time.time()
    print(json.dumps(times))


if __name__ == "__main__":
    main()
