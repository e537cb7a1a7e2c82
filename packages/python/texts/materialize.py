# Unfolds the graph of a client into tasks, each pickled by itself, for a scheduler that has no Python.
# Runs wherever user code may run: in a Dask worker, or in a process beside the scheduler. Must not
# know how its answers travel: they are bytes, made of pieces (`join`), the first one msgpack.
import io
import itertools
import operator
import pickle
import random
import struct
import threading
import time
import traceback
import types
from array import array

import cloudpickle
import msgpack

# How many bytes of tasks one answer holds at least, unless it is the last one.
SLAB_BYTES = 8 << 20
# Tasks in a slab at most, so that a slab does not live long for the sake of one task.
SLAB_TASKS = 4096
# Buffers from this size on travel as they are, once per graph.
BUFFER_BYTES = 16 << 10
# A graph of which nobody asked for more in this time is dropped.
IDLE_SECONDS = 600

unfoldings = {}
# Nobody who asks for more of a graph of an earlier process may get another one's.
tokens = itertools.count(random.getrandbits(48))
lock = threading.Lock()


def join(pieces):
    """Pieces of bytes as one: their number, their lengths, then the pieces."""
    sizes = [memoryview(piece).nbytes for piece in pieces]
    head = struct.pack(f"<I{len(sizes)}Q", len(sizes), *sizes)
    return b"".join([head, *pieces])


def begin(frames):
    """The first answer for a graph: all but its run specs, and as many of those as fit."""
    drop_idle()
    try:
        unfolding = Unfolding(*unfold(frames))
        pieces = [unfolding.columns(), *unfolding.slab()]
    except Exception as error:
        return join([msgpack.packb(failure(error))])
    keep(unfolding)
    return join(pieces)


def more(token):
    """The next run specs of a graph that `begin` has unfolded here."""
    unfolding = unfoldings.get(token)
    if unfolding is None:
        return join([msgpack.packb({"gone": True})])
    try:
        pieces = unfolding.slab()
    except Exception as error:
        unfoldings.pop(token, None)
        return join([msgpack.packb(failure(error))])
    if unfolding.done:
        unfoldings.pop(token, None)
    return join(pieces)


def keep(unfolding):
    if not unfolding.done:
        unfoldings[unfolding.token] = unfolding


def drop_idle():
    before = time.monotonic() - IDLE_SECONDS
    for token, unfolding in list(unfoldings.items()):
        if unfolding.used < before:
            unfoldings.pop(token, None)


def unfold(frames):
    """What dask's scheduler does with a graph before it looks at its own state."""
    from dask._expr import LLGExpr
    from dask._task_spec import convert_legacy_graph
    from distributed.protocol.core import loads
    from distributed.protocol.serialize import deserialize

    message = loads(frames, deserialize=False)
    payload = message["expr_ser"]
    try:
        expression = deserialize(payload.header, payload.frames)
    except Exception as error:
        raise RuntimeError(
            "Error during deserialization of the task graph. This frequently occurs if the "
            "workers (or the scheduler's Python) and the client have different environments: "
            "install the same packages there."
        ) from error
    by_type = {}
    graph = convert_legacy_graph(expression.__dask_graph__())
    for name, values in expression.__dask_annotations__().items():
        by_type.setdefault(name, {}).update(values)
    if isinstance(expression, LLGExpr):
        graph = culled(graph, message["keys"])
    order = message.get("internal_priority")
    if not order:
        import dask.order

        order = dask.order.order(graph)
    return graph, order, by_type, message.get("annotations") or {}


def culled(graph, wanted):
    found = {}
    work = set(wanted)
    while work:
        key = work.pop()
        if key in found or key not in graph:
            continue
        found[key] = node = graph[key]
        work.update(node.dependencies)
    return found


class Unfolding:
    """One graph on its way to the scheduler."""

    def __init__(self, graph, order, by_type, everywhere):
        self.token = next(tokens)
        self.graph = graph
        self.order = order
        self.by_type = by_type
        self.everywhere = everywhere
        self.specs = iter([spec for spec in graph.values() if spec is not None])
        self.keys = [key for key, spec in graph.items() if spec is not None]
        self.left = len(self.keys)
        self.buffers = {}
        self.pickler = SpecPickler()
        self.used = time.monotonic()

    @property
    def done(self):
        return self.left == 0

    def columns(self):
        index = {key: at for at, key in enumerate(self.keys)}
        external = []
        offsets = array("I", [0])
        indices = array("I")
        producers = bytearray(len(self.keys))
        produces = False
        javascript = bytearray(len(self.keys))
        for at, key in enumerate(self.keys):
            spec = self.graph[key]
            for dependency in spec.dependencies:
                found = index.get(dependency)
                if found is None:
                    found = index[dependency] = len(self.keys) + len(external)
                    external.append(dependency)
                indices.append(found)
            offsets.append(len(indices))
            if getattr(spec, "data_producer", False):
                producers[at] = produces = True
            javascript[at] = calls_javascript(spec)
        annotations, annotation_of = self.annotations()
        return msgpack.packb(
            {
                "token": self.token,
                "keys": self.keys,
                "external": external,
                "offsets": offsets.tobytes() if indices else None,
                "indices": indices.tobytes() if indices else None,
                "ranks": self.ranks(),
                "producers": bytes(producers) if produces else None,
                "javascript": bytes(javascript) if any(javascript) else None,
                "annotations": annotations,
                "annotation_of": annotation_of,
            },
            default=as_wire,
        )

    def ranks(self):
        """The place of each task when all run one by one; None: as they stand."""
        last = len(self.order)
        places = [self.order.get(key, last) for key in self.keys]
        if all(a <= b for a, b in zip(places, itertools.islice(places, 1, None))):
            return None
        ranks = array("I", bytes(4 * len(places)))
        for rank, at in enumerate(sorted(range(len(places)), key=places.__getitem__)):
            ranks[at] = rank
        return ranks.tobytes()

    def annotations(self):
        """Every set of annotations once, packed, and which one each task has (-1: none)."""
        if not self.by_type and not self.everywhere:
            return [], None
        known = {}
        column = array("i")
        for key in self.keys:
            own = {
                name: value(key) if callable(value) else value
                for name, value in self.everywhere.items()
            }
            for name, values in self.by_type.items():
                value = values.get(key)
                if value is not None:
                    own[name] = value
            if own:
                packed = msgpack.packb(own, default=as_wire)
                column.append(known.setdefault(packed, len(known)))
            else:
                column.append(-1)
        return list(known), column.tobytes()

    def slab(self):
        """[msgpack, offsets, headers, buffers that are new ...] of the next tasks."""
        self.used = time.monotonic()
        offsets = array("I", [0])
        parts = []
        size = 0
        fresh = []
        buffers_of = {}
        while self.left > 0 and size < SLAB_BYTES and len(offsets) <= SLAB_TASKS:
            pickled, large = self.pickler.pickled(next(self.specs))
            self.left -= 1
            if large:
                buffers_of[len(offsets) - 1] = [self.number(raw, fresh) for raw in large]
            header = header_of(pickled, len(large))
            parts += header
            size += sum(map(len, header))
            offsets.append(size)
        size += sum(raw.nbytes for raw in fresh)
        about = {"done": self.done, "buffers_of": buffers_of, "tasks": len(offsets) - 1}
        return [msgpack.packb(about), offsets.tobytes(), b"".join(parts), *fresh]

    def number(self, raw, fresh):
        """What many tasks share is sent once. Keeping it keeps its id from being used again."""
        known = self.buffers.get((id(raw.obj), raw.nbytes))
        if known is None:
            known = self.buffers[id(raw.obj), raw.nbytes] = (len(self.buffers), raw)
            fresh.append(raw)
        return known[0]


def calls_javascript(spec):
    """Whether a task calls functions of JavaScript, and nothing else."""
    func = getattr(spec, "func", None)
    if type(func) is operator.methodcaller:
        return func.__reduce__()[1][:1] == ("__js__",)
    if getattr(func, "__name__", None) != "_execute_subgraph":
        return False
    calls = [task for task in spec.args[0].values() if getattr(task, "func", None) is not None]
    return bool(calls) and all(map(calls_javascript, calls))


def header_of(pickled, buffers):
    """The header of a `Pickled` in dask's messages, ready to be forwarded."""
    counted = struct.pack(">BI", 0xCE, buffers)
    return [HEADER_START, struct.pack(">BI", 0xC6, len(pickled)), pickled, HEADER_COUNT, counted]


HEADER_START = b"\x82" + msgpack.packb("pickled-obj")
HEADER_COUNT = msgpack.packb("num-sub-frames")


class SpecPickler(pickle.Pickler):
    """Pickles many values one by one; functions and classes that travel by value only once."""

    def __init__(self):
        self.file = io.BytesIO()
        self.large = []
        self.by_value = {}
        super().__init__(self.file, 5, buffer_callback=self.stays)

    def pickled(self, value):
        """The pickle of a value, and the large buffers that belong to it."""
        self.large = []
        self.file.seek(0)
        self.file.truncate()
        self.clear_memo()
        try:
            self.dump(value)
            return self.file.getvalue(), self.large
        except Exception:
            return as_dask_does(value)

    def stays(self, buffer):
        try:
            raw = buffer.raw()
        except BufferError:
            return True
        if raw.nbytes >= BUFFER_BYTES:
            self.large.append(raw)
        return raw.nbytes < BUFFER_BYTES

    def reducer_override(self, value):
        if not isinstance(value, (types.FunctionType, type)):
            return NotImplemented
        known = self.by_value.get(id(value))
        if known is None:
            known = self.by_value[id(value)] = (value, without_name(value))
        return NotImplemented if known[1] is None else (pickle.loads, (known[1],))


def without_name(value):
    """What a worker cannot import, as bytes to make it of; None: it can."""
    try:
        data = pickle.dumps(value)
        if b"__main__" not in data:
            return None
    except Exception:
        pass
    return cloudpickle.dumps(value)


def as_dask_does(value):
    from distributed.protocol import pickle as dasks

    buffers = []
    data = dasks.dumps(value, buffer_callback=buffers.append)
    return data, [buffer.raw() for buffer in buffers]


def as_wire(value):
    """What msgpack cannot say: sets as lists, all else pickled."""
    if isinstance(value, (set, frozenset)):
        return list(value)
    from distributed.protocol import pickle as dasks

    return {"__acme_pickle__": dasks.dumps(value)}


def failure(error):
    """An exception as its text, and pickled as dask's scheduler would send it."""
    from distributed.core import error_message

    about = error_message(error)
    return {
        "error": f"{type(error).__name__}: {error}",
        "exception": about["exception"].data,
        "traceback": getattr(about["traceback"], "data", None),
        "text": "".join(traceback.format_exception(type(error), error, error.__traceback__)),
    }


async def step(frames=None, token=None):
    """One answer, made in a thread so that the worker's loop goes on."""
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    global executor, busy
    with lock:
        if executor is None:
            executor = ThreadPoolExecutor(1, thread_name_prefix="acme-graphs")
        busy += 1
        mine = executor
    loop = asyncio.get_running_loop()
    try:
        if token is None:
            return await loop.run_in_executor(mine, begin, frames)
        return await loop.run_in_executor(mine, more, token)
    finally:
        with lock:
            busy -= 1
            if busy == 0:
                # In somebody's own process the thread must not outlive the worker.
                mine.shutdown(wait=False)
                executor = None


executor = None
busy = 0
