"""Runs the maps of maps.ts with ACME, a folder each; prints how it went as JSON.

usage: acme-maps.py FOLDER
"""

import json
import os
import sys
import warnings

import numpy as np


def scaled(x, y):
    return float((x + y) * 3)


def pair(x):
    return float(x), 2.0 * x


def triple(x):
    return [float(x), 2.0 * x, 3.0 * x]


def named(x):
    return f"subject {x} é"


def labels(x):
    return ["left", f"right {x}"]


def arrays(x):
    return np.full((2, 3), x / 4), np.arange(4, dtype="int64") + x


def numeric(x):
    return (
        np.array([x, x + 1], dtype="float32"),
        np.array([-x, x], dtype="int16"),
        np.array([x], dtype="uint8"),
        np.array([x > 3, True]),
        np.array([x + 1j, 2 - 1j * x]),
    )


def mixed(x):
    return np.array([1.0, x]), float(x), f"note {x}"


def matrix(x):
    return np.arange(6.0).reshape(2, 3) * x


def stacked(x):
    return np.arange(5.0) + x, np.array([x, x], dtype="int32")


def points(x):
    return float(x * x)


def growing(x):
    return np.full((3, int(x)), float(x))


def even(x):
    return np.full((3, 4), float(x))


def record(x):
    return {"b": float(x)}


def nothing(x):
    return None


xs = [2, 4, 6, 8]
maps = [
    ("scaled", scaled, [xs, 4], {}),
    ("pair", pair, [xs], {}),
    ("triple", triple, [xs], {}),
    ("named", named, [xs], {}),
    ("labels", labels, [xs], {}),
    ("arrays", arrays, [xs], {}),
    ("numeric", numeric, [xs], {}),
    ("mixed", mixed, [xs], {}),
    ("many", points, [list(range(12))], {}),
    ("matrix", matrix, [xs], {"result_shape": (2, 3, None)}),
    ("matrix first", matrix, [xs], {"result_shape": (None, 2, 3), "result_dtype": "float32"}),
    ("stacked", stacked, [xs], {"result_shape": (None, 5)}),
    ("points", points, [xs], {"result_shape": (None,)}),
    ("even", even, [xs], {"result_shape": (None, 3, np.inf)}),
    ("growing", growing, [xs], {"result_shape": (None, 3, np.inf)}),
    ("single", arrays, [xs], {"single_file": True}),
    ("single scalars", scaled, [xs, 4], {"single_file": True}),
    ("single stacked", stacked, [xs], {"single_file": True, "result_shape": (None, 5)}),
    ("single even", even, [xs], {"single_file": True, "result_shape": (None, 3, np.inf)}),
    ("serialized", scaled, [xs, 4], {"write_pickle": True}),
    ("record", record, [xs], {}),
    ("nothing", nothing, [xs], {}),
]


def run(folder, name, f, args, options):
    from acme import ParallelMap

    place = os.path.join(folder, name.replace(" ", "-"))
    with ParallelMap(f, *args, output_dir=place, logfile=False, verbose=False, **options) as pmap:
        paths = pmap.compute()
        container = pmap.results_container
    relative = lambda path: None if path is None else os.path.relpath(path, place)
    return {"paths": [relative(path) for path in paths], "container": relative(container)}


def outcome(folder, *described):
    try:
        return run(folder, *described)
    except Exception as error:
        return {"error": type(error).__name__}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    from distributed import Client, LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        with Client(cluster) as client:
            client.wait_for_workers(2)
            found = {m[0]: outcome(sys.argv[1], *m) for m in maps}
    print(json.dumps(found))
