# A plugin for pytest that lets dask's own tests run against another scheduler: the fixtures that
# start a cluster in processes start that scheduler, and dask's own workers. Of all tests, those
# are chosen that talk to such a cluster. One line of JSON is written per test, which also says
# whether the test has the scheduler run a function of its own.
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
_own_code_inside = re.compile(r"\brun_on_scheduler\(")
# They are about the flags of the command `dask scheduler`, not about what clients see.
_of_the_command = {"test_dask_scheduler.py", "test_jupyter.py"}


def _text(item):
    try:
        return inspect.getsource(inspect.unwrap(item.function))
    except (OSError, TypeError, AttributeError):
        return ""


def _talks_to_a_cluster(item):
    if _fixtures & set(getattr(item, "fixturenames", ())):
        return True
    text = _text(item)
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
    again = json.loads(os.environ.get("CONFORMANCE_AGAIN", "null"))
    if again is not None:
        chosen = [item for item in chosen if item.nodeid in again]
    # A command takes dask's default port, which only one can have.
    commands = [item for item in chosen if _own_command.search(_text(item))]
    others = [item for item in chosen if item not in commands]
    mine = [item for at, item in enumerate(others) if at % parts == part]
    items[:] = [item for item in (commands if part == 0 else []) + mine if item.nodeid not in done]
    _inside.update(item.nodeid for item in items if _own_code_inside.search(_text(item)))


_inside = set()


def _write(record):
    if record["test"] in _inside:
        record = {**record, "inside": True}
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
