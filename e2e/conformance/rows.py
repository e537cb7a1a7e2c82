# Prints, as JSON, what of dask's public interface the table of conformance has a row for: every
# public name of the classes that talk to a scheduler, and the functions beside them.
import inspect
import json

import distributed
from distributed.actor import Actor, ActorFuture, EagerActorFuture

classes = [
    distributed.Client,
    distributed.Future,
    distributed.as_completed,
    distributed.Variable,
    distributed.Queue,
    distributed.Lock,
    distributed.MultiLock,
    distributed.Event,
    distributed.Semaphore,
    Actor,
    ActorFuture,
    EagerActorFuture,
]

# They talk to the network below a client, or start a cluster of their own, or are gone.
beside = {"connect", "sync", "SSHCluster", "SubprocessCluster", "CompatibleExecutor"}


def public_names(cls):
    for name in dir(cls):
        if not name.startswith("_"):
            yield f"{cls.__name__}.{name}"


def functions():
    for name in distributed.__all__:
        value = getattr(distributed, name)
        ours = getattr(value, "__module__", "").startswith("distributed")
        contexts = ("performance_report", "get_task_stream", "local_client", "get_task_metadata")
        is_program = (inspect.isfunction(value) and ours) or name in contexts
        if is_program and name not in beside:
            yield name


rows = [name for cls in classes for name in public_names(cls)]
rows += sorted(set(functions()))
print(json.dumps({"version": distributed.__version__, "rows": rows}))
