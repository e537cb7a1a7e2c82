# Runs the cases of one topic file against the scheduler that the environment names, and writes one
# line of JSON per case. It knows nothing of which scheduler that is; comparing is done elsewhere.
import asyncio
import json
import os
import sys
import traceback
import warnings

import normal

cases = []


def case(*rows, own_cluster=False, timeout=40):
    """Marks a program: a function of a client. A coroutine function gets an asynchronous one.

    rows -- the public names that the program shows, such as "Client.submit"
    own_cluster -- it harms the cluster, so it gets a new one, and nobody uses it afterwards
    timeout -- seconds after which the program counts as hanging
    """

    def register(program):
        name = program.__name__.replace("_", " ")
        cases.append(
            {
                "rows": rows,
                "name": name,
                "program": program,
                "ownCluster": own_cluster,
                "timeoutSeconds": timeout,
            }
        )
        return program

    return register


def _write(record):
    line = json.dumps(record) + "\n"
    with open(os.environ["CONFORMANCE_OUT"], "a") as out:
        out.write(line)


def _outcome(value):
    return {"value": normal.describe(value)}


def _failure(error):
    text = "".join(traceback.format_exception(error))
    return {"raised": normal.describe_error(error), "traceback": text[-4000:]}


def _run_sync(program):
    from distributed import Client

    with Client(timeout="20s", set_as_default=True) as client:
        normal.learn(client.scheduler_info(n_workers=-1))
        try:
            return _outcome(program(client))
        except Exception as error:
            return _failure(error)


def _run_async(program):
    from distributed import Client

    async def run():
        async with Client(timeout="20s", asynchronous=True) as client:
            normal.learn(await client.scheduler.identity(n_workers=-1))
            try:
                return _outcome(await program(client))
            except Exception as error:
                return _failure(error)

    return asyncio.run(run())


def main():
    """To be called at the end of each topic file."""
    import faulthandler

    faulthandler.enable()
    if os.environ.get("CONFORMANCE_LIST"):
        _write([{k: v for k, v in one.items() if k != "program"} for one in cases])
        return
    wanted = json.loads(os.environ["CONFORMANCE_CASES"])
    warnings.simplefilter("ignore")
    for one in cases:
        if one["name"] not in wanted:
            continue
        _write({"started": one["name"]})
        faulthandler.dump_traceback_later(one["timeoutSeconds"], exit=True)
        program = one["program"]
        run = _run_async if asyncio.iscoroutinefunction(program) else _run_sync
        try:
            outcome = run(program)
        except BaseException as error:
            outcome = _failure(error)
        _write({"ended": one["name"], **outcome})
        sys.stderr.flush()
    faulthandler.cancel_dump_traceback_later()
