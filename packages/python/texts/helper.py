# A process beside the scheduler that unfolds graphs while no Python worker is connected. Started with
# the path of materialize.py; reads requests from standard input and answers on what was standard
# output, each one a length and joined pieces. Must not know who asks.
import os
import struct
import sys
import types

# A process that has grown larger than this ends after an answer; the next request starts another.
MEMORY_BYTES = 4 << 30


def main():
    # What a user's module prints while it is imported must not get between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    requests = os.fdopen(os.dup(0), "rb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    module = load(sys.argv[1])
    tell(answers, module, {"versions": versions()})
    while True:
        request = receive(requests)
        if request is None:
            return
        about, *frames = split(request)
        about = module.msgpack.unpackb(about)
        token = about.get("token")
        answer = module.begin(frames) if token is None else module.more(token)
        write(answers, answer)
        if not module.unfoldings and memory() > MEMORY_BYTES:
            return


def load(path):
    module = types.ModuleType("_acme_materialize")
    sys.modules[module.__name__] = module
    with open(path, encoding="utf-8") as file:
        exec(compile(file.read(), path, "exec"), module.__dict__)
    return module


def versions():
    import cloudpickle
    import dask
    import distributed

    return {
        "python": ".".join(map(str, sys.version_info[:3])),
        "dask": dask.__version__,
        "distributed": distributed.__version__,
        "cloudpickle": cloudpickle.__version__,
    }


def tell(answers, module, about):
    write(answers, module.join([module.msgpack.packb(about)]))


def write(answers, answer):
    answers.write(struct.pack("<Q", len(answer)))
    answers.write(answer)
    answers.flush()


def receive(requests):
    head = requests.read(8)
    if len(head) < 8:
        return None
    (size,) = struct.unpack("<Q", head)
    body = requests.read(size)
    return body if len(body) == size else None


def split(joined):
    (count,) = struct.unpack_from("<I", joined)
    sizes = struct.unpack_from(f"<{count}Q", joined, 4)
    at = 4 + 8 * count
    pieces = []
    for size in sizes:
        pieces.append(joined[at : at + size])
        at += size
    return pieces


def memory():
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main()
