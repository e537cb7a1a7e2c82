# A plugin for pytest that lets dask's own tests run against another scheduler: the fixtures that
# start a cluster in processes start that scheduler, and dask's own workers. Of all tests, those
# are chosen that talk to such a cluster. One line of JSON is written per test.
import inspect
import json
import os
import re

import distributed.utils_test as utils_test
import pytest
import schedulerprocess

if os.environ.get("CONFORMANCE_SCHEDULER"):
    utils_test.run_scheduler = schedulerprocess.run_scheduler
    utils_test.popen = schedulerprocess.instead_of_dask_scheduler(utils_test.popen)

_fixtures = {"cluster_fixture", "tls_cluster"}
_own_cluster = re.compile(r"(?<![\w.])(?:tls_cluster_context|cluster)\(")
_own_command = re.compile(r"\"dask\",\s*\"scheduler\"")
# They are about the flags of the command `dask scheduler`, not about what clients see.
_of_the_command = {"test_dask_scheduler.py", "test_jupyter.py"}


def _talks_to_a_cluster(item):
    if _fixtures & set(getattr(item, "fixturenames", ())):
        return True
    try:
        text = inspect.getsource(inspect.unwrap(item.function))
    except (OSError, TypeError, AttributeError):
        return False
    if _own_command.search(text) and item.path.name not in _of_the_command:
        return True
    found = item.module.__dict__.get("cluster") is utils_test.cluster
    return found and bool(_own_cluster.search(text)) and "async def" not in text.split("(")[0]


def pytest_configure(config):
    # Upstream repeats these when they fail; here they have one attempt, like all others.
    config.addinivalue_line("markers", "flaky: may fail by chance")


def _done():
    try:
        with open(os.environ["CONFORMANCE_OUT"]) as lines:
            return {json.loads(line)["test"] for line in lines}
    except FileNotFoundError:
        return set()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    done = _done()
    only = os.environ.get("CONFORMANCE_ONLY", "")
    part, parts = map(int, os.environ.get("CONFORMANCE_PART", "0/1").split("/"))
    chosen = [item for item in items if _talks_to_a_cluster(item) and only in item.nodeid]
    mine = [item for at, item in enumerate(chosen) if at % parts == part]
    items[:] = [item for item in mine if item.nodeid not in done]


def _write(record):
    with open(os.environ["CONFORMANCE_OUT"], "a") as out:
        out.write(json.dumps(record) + "\n")


def pytest_runtest_logstart(nodeid):
    _write({"test": nodeid, "outcome": "started"})


def pytest_runtest_logreport(report):
    if report.when == "call" or report.outcome != "passed":
        text = str(report.longrepr or "")
        outcome = "xfailed" if hasattr(report, "wasxfail") and report.skipped else report.outcome
        record = {"test": report.nodeid, "outcome": outcome, "when": report.when}
        _write({**record, "seconds": round(report.duration, 1), "text": text[-6000:]})
