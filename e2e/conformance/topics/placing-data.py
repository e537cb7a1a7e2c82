# Data that clients bring along, where it lies, and how it is moved.
import time

from harness import case, main


def inc(x):
    return x + 1


def address_of(c, name):
    info = c.scheduler_info(n_workers=-1)["workers"]
    return next(address for address, worker in info.items() if worker["name"] == name)


def holders(c, futures):
    return sorted(len(where) for where in c.who_has(futures).values())


@case("Client.scatter")
def a_list(c):
    futures = c.scatter([1, "two", [3]])
    return c.gather(futures), [future.status for future in futures]


@case("Client.scatter")
def a_single_value(c):
    return c.scatter({"x"}).result()


@case("Client.scatter")
def a_dictionary(c):
    futures = c.scatter({"scattered-x": 1, "scattered-y": 2})
    return sorted(futures), c.gather(futures), futures["scattered-x"].key


@case("Client.scatter", "Client.submit")
def as_an_argument(c):
    import numpy

    data = c.scatter(numpy.arange(10_000))
    return int(c.submit(lambda values: values.sum(), data).result())


@case("Client.scatter")
def to_one_worker(c):
    target = address_of(c, "right")
    futures = c.scatter([1, 2, 3], workers=[target], hash=False)
    return {where for where, in c.who_has(futures).values()} == {target}


@case("Client.scatter")
def to_one_worker_by_its_name(c):
    future = c.scatter(1, workers="right", hash=False)
    return list(c.who_has(future).values())


@case("Client.scatter")
def to_everybody(c):
    return holders(c, c.scatter([101, 102], broadcast=True))


@case("Client.scatter")
def with_and_without_a_hash(c):
    one, same = c.scatter([5])[0], c.scatter([5])[0]
    other = c.scatter([5], hash=False)[0]
    return one.key == same.key, one.key == other.key


@case("Client.scatter")
def straight_to_the_workers(c):
    return c.gather(c.scatter(list(range(10)), direct=True))


@case("Client.scatter")
def an_empty_list(c):
    return c.scatter([])


@case("Client.scatter")
def an_iterator(c):
    return c.scatter(iter([1, 2]))


@case("Client.scatter")
def large_data(c):
    import numpy

    data = numpy.arange(5_000_000)
    future = c.scatter(data)
    return bool((future.result() == data).all()), holders(c, [future])


@case("Client.who_has", "Client.has_what")
def agree_with_each_other(c):
    futures = c.map(inc, range(4), key=[f"agree-{i}" for i in range(4)])
    c.gather(futures)
    who, what = c.who_has(futures), c.has_what()
    same = all(key in what[address] for key, where in who.items() for address in where)
    return sorted(who), same, set(what), type(who).__name__


@case("Client.who_has")
def of_a_key_nobody_has(c):
    c.submit(inc, 1).result()
    return c.who_has([c.submit(time.sleep, 3, key="not-yet")])


@case("Client.has_what")
def of_one_worker(c):
    target = address_of(c, "left")
    c.scatter(1, workers=[target])
    return list(c.has_what([target])), list(c.has_what(target))


@case("Client.nbytes")
def by_key_and_in_total(c):
    import numpy

    future = c.submit(numpy.zeros, 1000, key="zeros-nbytes")
    future.result()
    return c.nbytes(["zeros-nbytes"], summary=False), c.nbytes()["zeros"]


@case("Client.nthreads", "Client.ncores")
def of_all_and_of_one(c):
    return c.nthreads(), c.ncores(), c.nthreads(address_of(c, "left")), c.nthreads(["tls://127.0.0.1:1"])


@case("Client.replicate")
def everywhere(c):
    futures = c.scatter([11, 12], hash=False)
    c.replicate(futures)
    return holders(c, futures)


@case("Client.replicate")
def computed_values_on_some(c):
    c.amm.stop()
    futures = c.map(inc, range(3), workers=["left"], pure=False)
    c.replicate(futures, n=2)
    return holders(c, futures)


@case("Client.replicate")
def onto_a_worker(c):
    future = c.scatter(1, workers=["left"], hash=False)
    c.replicate(future, workers=[address_of(c, "right")])
    return set(*c.who_has(future).values())


@case("Client.replicate")
def fewer_than_before(c):
    future = c.scatter(1, broadcast=True, hash=False)
    before = holders(c, [future])
    c.replicate(future, n=1)
    deadline = time.time() + 10
    while holders(c, [future]) != [1] and time.time() < deadline:
        time.sleep(0.05)
    return before, holders(c, [future])


@case("Client.rebalance")
def from_the_full_to_the_empty(c):
    import numpy

    futures = c.map(lambda i: numpy.zeros(8_000_000 + i), range(8), workers=["left"], pure=False)
    c.gather(c.map(len, futures, workers=["left"]))
    c.run(lambda: time.sleep(0.6))
    c.rebalance(futures)
    kept = c.has_what()
    own = {future.key for future in futures}
    missing = own - {key for keys in kept.values() for key in keys}
    return sorted(missing), c.gather(c.map(len, futures))[0]


@case("Client.rebalance")
def nothing_to_do(c):
    return c.rebalance()


@case("Client.rebalance")
def a_cancelled_future(c):
    future = c.submit(inc, 1, key="rebalanced-cancelled")
    future.cancel()
    return c.rebalance([future])


@case("Client.publish_dataset", "Client.get_dataset", "Client.list_datasets")
def a_future_for_another_client(c):
    from distributed import Client

    c.publish_dataset(c.submit(inc, 41), name="answer")
    with Client(set_as_default=False) as other:
        found = other.get_dataset("answer")
        return other.list_datasets(), found.result(timeout=10), list(other.datasets)


@case("Client.publish_dataset", "Client.get_dataset")
def a_collection(c):
    import dask.array

    x = c.persist(dask.array.arange(100, chunks=10))
    c.publish_dataset(x=x)
    del x
    time.sleep(0.2)
    return int(c.get_dataset("x").sum().compute())


@case("Client.publish_dataset")
def plain_values_by_keyword_and_mapping(c):
    c.publish_dataset({"one": 1}, two=[2])
    return c.get_dataset("one"), c.get_dataset("two"), c.datasets["one"]


@case("Client.publish_dataset")
def a_name_twice(c):
    c.publish_dataset(1, name="twice")
    c.publish_dataset(2, name="twice", override=True)
    seen = c.get_dataset("twice")
    try:
        c.publish_dataset(3, name="twice")
    except KeyError as error:
        return seen, error


@case("Client.get_dataset")
def that_is_not_there(c):
    return c.get_dataset("missing", default="else"), c.get_dataset("missing")


@case("Client.unpublish_dataset", "Client.list_datasets")
def and_publish_again(c):
    c.publish_dataset(1, name="gone")
    before = "gone" in c.list_datasets()
    c.unpublish_dataset("gone")
    return before, "gone" in c.list_datasets(), c.get_dataset("gone", default=None)


@case("Client.set_metadata", "Client.get_metadata")
def plain_and_nested(c):
    c.set_metadata("plain", 123)
    c.set_metadata(["outer", "inner"], {"x": [1, 2.5, None]})
    plain, nested = c.get_metadata("plain"), c.get_metadata(["outer", "inner"])
    return plain, nested, c.get_metadata("outer"), c.get_metadata("nothing", default=5)


@case("Client.get_metadata")
def without_a_default(c):
    return c.get_metadata(["no", "such", "metadata"])


main()
