# Lays out one run of a P2P shuffle for a scheduler that has no Python: which worker gets which
# partition. Runs wherever user code may run. Must not know how its answer travels: it is bytes.
import msgpack


def lay_out(frames):
    """msgpack: what workers make their part from, the partitions' places, and who has any."""
    from distributed.protocol import pickle
    from distributed.protocol.core import loads
    from distributed.shuffle._core import ShuffleRunSpec

    question = loads(frames)
    spec = question["barrier"].spec
    worker_for = places(spec, question["workers"], map(pickle.loads, question["aligned"]))
    run = ShuffleRunSpec(spec=spec, worker_for=worker_for, span_id=None)
    # Numbers are given by the scheduler, which outlives this process.
    object.__setattr__(run, "run_id", question["run_id"])
    return msgpack.packb(
        {
            "run_spec": pickle.dumps(run),
            "worker_for": pickle.dumps(worker_for),
            "participants": sorted(set(worker_for.values())),
        }
    )


def places(spec, workers, aligned):
    """Partitions that another shuffle shares are where it has them."""
    known = {}
    for other in aligned:
        for partition in known.keys() & other.keys():
            if known[partition] != other[partition]:
                raise RuntimeError(
                    f"shuffle {spec.id} cannot be aligned: partition {partition!r} is at "
                    f"{known[partition]} and at {other[partition]}"
                )
        known.update(other)
    return {
        partition: known[partition] if partition in known else spec.pick_worker(partition, workers)
        for partition in spec.output_partitions
    }


async def answer(frames):
    """In a thread, so that the worker's loop goes on; errors are answers too."""
    import asyncio

    try:
        return await asyncio.to_thread(lay_out, frames)
    except Exception as error:
        return msgpack.packb({"error": f"{type(error).__name__}: {error}"})
