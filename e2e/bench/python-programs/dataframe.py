"""dask.dataframe: a group-by, a shuffle join of two tables and an aggregation with many groups."""

import dask
import dask.dataframe as dd
import numpy as np
import pandas as pd
from frame import main

sizes = {
    "small": {"rows": 40_000, "partitions": 8, "customers": 2_000, "split_out": 2, "part": 4},
    "full": {"rows": 12_000_000, "partitions": 48, "customers": 400_000, "split_out": 4, "part": 8},
}
cities = np.array(["Basel", "Lyon", "Porto", "Graz", "Turku", "Gdansk", "Split", "Ghent"])


def orders(part, rows, customers):
    random = np.random.default_rng(part)
    return pd.DataFrame(
        {
            "customer": random.integers(0, customers, rows),
            "city": pd.array(cities[random.integers(0, len(cities), rows)], dtype="string[pyarrow]"),
            "cents": random.integers(1, 100_000, rows),
        }
    )


def people(part, rows):
    first = part * rows
    return pd.DataFrame(
        {
            "customer": np.arange(first, first + rows),
            "age": np.random.default_rng(10_000 + part).integers(18, 90, rows),
        }
    )


def table(make, partitions, *args):
    return dd.from_map(make, range(partitions), args=args, meta=make(0, *args).iloc[:0])


def by_city(frame):
    found = frame.groupby("city").cents.agg(["count", "sum", "max"]).compute().sort_index()
    return {city: [int(one) for one in row] for city, row in zip(found.index, found.values)}


def joined(left, right):
    """Both sides are larger than what dask would send to everybody, so rows move."""
    both = left.merge(right, on="customer", how="inner", shuffle_method="p2p", broadcast=False)
    sums = both.groupby("age").cents.agg(["count", "sum"]).compute().sort_index()
    return [[int(age), int(count), int(cents)] for age, (count, cents) in zip(sums.index, sums.values)]


def per_customer(frame, split_out):
    spent = frame.groupby("customer").cents.sum(split_out=split_out, shuffle_method="p2p")
    return [int(one) for one in dask.compute(spent.count(), spent.max(), spent.sum())]


def shuffled(frame):
    """Rows of one customer lie together afterwards: the counts of partitions add up."""
    moved = frame.shuffle("customer", shuffle_method="p2p", npartitions=frame.npartitions)
    found = moved.map_partitions(
        lambda part: pd.DataFrame({"rows": [len(part)], "customers": [part.customer.nunique()]}),
        meta={"rows": "int64", "customers": "int64"},
    )
    rows, customers = found.sum().compute()
    return [int(rows), int(customers)]


def work(client, scale, report):
    size = sizes[scale]
    partitions, customers = size["partitions"], size["customers"]
    left = table(orders, partitions, size["rows"] // partitions, customers)
    right = table(people, partitions // 4, customers // (partitions // 4))
    report.part("group by", lambda: by_city(left))
    report.part("shuffle join", lambda: joined(left[["customer", "cents"]], right))
    few = left.partitions[: size["part"]]
    customers, *_ = report.part("many groups", lambda: per_customer(few, size["split_out"]))
    rows, together = report.part("shuffle", lambda: shuffled(few[["customer"]]))
    if together != customers:
        raise RuntimeError(f"{together} customers in partitions, {customers} in all")


if __name__ == "__main__":
    main(work)
