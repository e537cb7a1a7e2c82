"""Says all that HDF5 knows about the files of a folder of maps, as JSON.

usage: describe.py FOLDER      each folder in it is one run
"""

import json
import math
import os
import sys

import h5py
import numpy


def element(dtype):
    text = h5py.check_string_dtype(dtype)
    if text is None:
        return dtype.name
    return f"text {text.encoding}" if text.length is None else f"text of {text.length}"


def plain(value):
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, complex):
        return [value.real, value.imag]
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    return value


def dataset(item, place):
    flat = numpy.asarray(item[()]).reshape(-1).tolist()
    limits = [None if size is None else size for size in item.maxshape or ()]
    found = {
        "kind": "dataset",
        "type": element(item.dtype),
        "shape": list(item.shape),
        "limits": limits,
        "values": [plain(value) for value in flat],
    }
    if item.is_virtual:
        found["kind"] = "virtual"
        found["sources"] = [
            [os.path.relpath(os.path.join(place, source.file_name), place), source.dset_name]
            for source in item.virtual_sources()
        ]
    return found


def walk(path, group, place, found):
    for name in group:
        here = f"{path}/{name}"
        link = group.get(name, getlink=True)
        if isinstance(link, h5py.ExternalLink):
            found[here] = {"kind": "link", "to": [link.filename, "/" + link.path.lstrip("/")]}
        elif isinstance(group[name], h5py.Group):
            found[here] = {"kind": "group"}
            walk(here, group[name], place, found)
        else:
            found[here] = dataset(group[name], place)


def run(place):
    files = {}
    for folder, _, names in os.walk(place):
        for name in sorted(names):
            path = os.path.join(folder, name)
            relative = os.path.relpath(path, place)
            if relative.startswith(".acme"):
                continue
            files[relative] = {}
            if name.endswith(".h5"):
                with h5py.File(path, "r") as opened:
                    walk("", opened, place, files[relative])
    return dict(sorted(files.items()))


if __name__ == "__main__":
    root = sys.argv[1]
    print(json.dumps({name: run(os.path.join(root, name)) for name in sorted(os.listdir(root))}))
