"""dask.bag: counts the words of real text: licences, readmes and documentation that are installed."""

import pathlib
import re
import sysconfig

import dask.bag as db
from frame import main

sizes = {"small": {"bytes": 200_000, "per_partition": 4}, "full": {"bytes": 1 << 40, "per_partition": 40}}
names = re.compile(r"(licen[cs]e|copying|notice|authors|readme|metadata|\.(txt|md|rst)$)", re.I)
words = re.compile(r"[a-z]+(?:'[a-z]+)?")


def texts(size):
    found = []
    roots = [sysconfig.get_path("purelib"), "/usr/share/doc", "/usr/share/perl"]
    left = size["bytes"]
    for root in roots:
        for path in sorted(pathlib.Path(root).rglob("*")):
            if names.search(path.name) and path.is_file() and not path.is_symlink():
                found.append(str(path))
                left -= path.stat().st_size
                if left < 0:
                    return found
    return found


def lines_of(paths):
    return [line for path in paths for line in pathlib.Path(path).read_text("utf-8", "replace").splitlines()]


def work(client, scale, report):
    size = sizes[scale]
    files = texts(size)
    step = size["per_partition"]
    groups = [files[at : at + step] for at in range(0, len(files), step)]
    lines = db.from_sequence(groups, npartitions=len(groups)).map(lines_of).flatten()
    every = lines.map(str.lower).map(words.findall).flatten()
    counts = every.frequencies(split_every=8)
    most = counts.topk(20, key=lambda pair: (pair[1], pair[0]))
    report.part("word count", lambda: [[word, count] for word, count in most.compute()])
    report.part("distinct", lambda: counts.count().compute())
    report.part("by length", lambda: sorted(every.foldby(len, lambda n, _: n + 1, 0, lambda a, b: a + b, 0).compute()))
    report.values["files"] = len(files)


if __name__ == "__main__":
    main(work)
