# Collections: arrays, data frames, bags and delayed calls, computed, kept and gathered.
import dask
from harness import case, main


@dask.delayed
def inc(x):
    return x + 1


def array():
    import dask.array

    return dask.array.arange(1000, chunks=100).reshape(20, 50)


def frame():
    import dask.dataframe
    import pandas

    rows = pandas.DataFrame({"key": [i % 5 for i in range(100)], "value": range(100)})
    return dask.dataframe.from_pandas(rows, npartitions=5)


@case("Client.compute")
def one_collection(c):
    return int(c.compute(array().sum()).result())


@case("Client.compute")
def several_at_once(c):
    total, largest = c.compute([array().sum(), array().max()])
    return int(total.result()), int(largest.result())


@case("Client.compute")
def synchronously(c):
    return c.compute([inc(1), inc(inc(1)), 5], sync=True)


@case("Client.compute")
def without_optimisation_and_with_annotations(c):
    with dask.annotate(priority=2, retries=3):
        total = (array() + 1).sum()
    return int(c.compute(total, optimize_graph=False, retries=2, priority=1).result())


@case("Client.compute")
def on_one_worker(c):
    from distributed import get_worker

    where = dask.delayed(lambda: get_worker().name, pure=False)
    return c.compute([where(), where()], workers=["right"], sync=True)


@case("Client.compute")
def annotated_with_workers_and_resources(c):
    from distributed import get_worker

    name = dask.delayed(lambda i: get_worker().name, pure=False)
    with dask.annotate(workers=["right"], allow_other_workers=False):
        right = [name(i) for i in range(3)]
    with dask.annotate(resources={"LEFT": 1}):
        left = [name(i) for i in range(3)]
    return c.compute(right, sync=True, optimize_graph=False), dask.compute(
        *left, optimize_graph=False
    )


@case("Client.compute")
def by_dasks_own_compute(c):
    return dask.compute(inc(1), {"a": [inc(2)]})


@case("Client.compute")
def a_failing_collection(c):
    @dask.delayed
    def fail(x):
        raise ZeroDivisionError(str(x))

    return c.compute(inc(fail(3))).result()


@case("Client.compute")
def a_bag(c):
    import dask.bag

    words = dask.bag.from_sequence("a rose is a rose is a rose".split(), npartitions=3)
    return sorted(words.frequencies().compute())


@case("Client.compute")
def a_group_by(c):
    return frame().groupby("key").value.sum().compute().sort_index()


@case("Client.compute")
def a_shuffle_by_p2p(c):
    with dask.config.set({"dataframe.shuffle.method": "p2p"}):
        shuffled = frame().shuffle("key", npartitions=3).compute()
    return sorted(shuffled.value.tolist())


@case("Client.compute")
def a_join(c):
    left, right = frame(), frame().groupby("key").value.sum().to_frame("total").reset_index()
    joined = left.merge(right, on="key").compute()
    return int((joined.value * joined.total).sum()), len(joined)


@case("Client.compute")
def a_rechunk_by_p2p(c):
    import dask.array

    x = dask.array.random.default_rng(0).integers(0, 100, (200, 200), chunks=(200, 20))
    with dask.config.set({"array.rechunk.method": "p2p"}):
        y = x.rechunk((20, 200))
        return y.numblocks, bool((y == x).all().compute())


@case("Client.compute")
def linear_algebra(c):
    import dask.array
    import numpy

    x = dask.array.random.default_rng(0).normal(size=(400, 20), chunks=(100, 20))
    u, s, v = dask.array.linalg.svd(x)
    again = (u * s) @ v
    return bool(numpy.allclose(*dask.compute(again, x)))


@case("Client.persist")
def an_array(c):
    kept = c.persist(array() + 1)
    return kept.numblocks, int(kept.sum().compute())


@case("Client.persist")
def several_kept(c):
    one, two = c.persist([inc(1), inc(2)])
    return one.compute(), two.compute()


@case("Client.persist", "wait")
def and_waited_for(c):
    from distributed import futures_of, wait

    kept = c.persist(frame())
    done, not_done = wait(kept)
    return len(done), len(not_done), {future.status for future in futures_of(kept)}


@case("Client.persist", "Client.who_has")
def kept_on_one_worker(c):
    from distributed import futures_of, wait

    kept = c.persist(array(), workers=["left"])
    wait(kept)
    return {holder for holders in c.who_has(futures_of(kept)).values() for holder in holders}


@case("Client.normalize_collection")
def uses_what_is_kept(c):
    plain = inc(1)
    kept = c.persist(plain)
    normal = c.normalize_collection(plain)
    return type(normal).__name__, normal.key == kept.key, normal.compute()


@case("Client.futures_of", "futures_of")
def of_a_collection(c):
    from distributed import futures_of

    kept = c.persist(array())
    return len(c.futures_of(kept)), len(futures_of([kept, kept])), type(futures_of(kept)[0]).__name__


main()
