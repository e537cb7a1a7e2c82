"""dask.array: a singular value decomposition, and the same rechunk by tasks and by P2P."""

import dask
import dask.array as da
import numpy as np
from frame import digest, main

sizes = {
    "small": {"rows": 4_000, "columns": 20, "chunk": 500, "side": 400, "step": 50},
    "full": {"rows": 200_000, "columns": 100, "chunk": 10_000, "side": 6_000, "step": 300},
}


def singular_values(size):
    random = da.random.default_rng(42)
    shape = (size["rows"], size["columns"])
    x = random.standard_normal(shape, chunks=(size["chunk"], size["columns"]))
    u, s, v = da.linalg.svd(x)
    values, error = dask.compute(s, abs((u * s) @ v - x).max())
    return [[round(float(one), 6) for one in values[:5]], bool(error < 1e-9)]


def compressed(size):
    random = da.random.default_rng(7)
    shape = (size["rows"] // 10, size["columns"] * 10)
    x = random.standard_normal(shape, chunks=(size["chunk"] // 5, size["columns"] * 5))
    u, s, v = da.linalg.svd_compressed(x, 5, seed=da.random.RandomState(3))
    return [round(float(one), 4) for one in s.compute()]


def rechunked(size, method):
    random = da.random.default_rng(42)
    side, step = size["side"], size["step"]
    x = random.integers(0, 1 << 40, (side, side), chunks=(side, step))
    y = x.rechunk((step, side), method=method)
    # Of rows as they lie in memory now, so that a part in a wrong place is seen.
    weights = np.arange(side, dtype="u8")
    sums = y.map_blocks(lambda block: block.astype("u8") @ weights, drop_axis=1, dtype="u8")
    return digest(sums.compute())


def work(client, scale, report):
    size = sizes[scale]
    report.part("svd", lambda: singular_values(size))
    report.part("svd compressed", lambda: compressed(size))
    by_tasks = report.part("rechunk by tasks", lambda: rechunked(size, "tasks"))
    by_p2p = report.part("rechunk by P2P", lambda: rechunked(size, "p2p"))
    if by_tasks != by_p2p:
        raise RuntimeError("both ways to rechunk have to give the same array")


if __name__ == "__main__":
    main(work)
