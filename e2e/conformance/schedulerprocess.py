# What stands in for dask's scheduler in the processes of its own test fixtures: another scheduler's
# command, started with what the fixture asks for. Options that it does not have are refused, as
# dask's own would be.
import contextlib
import ctypes
import json
import os
import signal
import subprocess
import tempfile
import time

_options = {"security", "dashboard_address", "idle_timeout"}
_start_seconds = 30


def _folder():
    """Goes with the folder of the whole run: the process that makes it may be killed."""
    return tempfile.mkdtemp(dir=os.path.dirname(os.environ["CONFORMANCE_OUT"]))


def _die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _flags(port, contact, security=None, dashboard_address=":0", idle_timeout=None):
    flags = ["--host", "127.0.0.1", "--port", str(port), "--scheduler-file", contact]
    flags += ["--dashboard-address", f"127.0.0.1{dashboard_address}"]
    if idle_timeout is not None:
        flags += ["--idle-timeout", str(idle_timeout)]
    if security is None:
        return [*flags, "--insecure"]
    ca, cert = security.tls_ca_file, security.tls_scheduler_cert
    # Both may be in one file.
    key = security.tls_scheduler_key or cert
    return [*flags, "--tls-ca-file", ca, "--tls-cert", cert, "--tls-key", key]


def _address(contact, process):
    deadline = time.monotonic() + _start_seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with open(contact) as file:
                return json.load(file)["address"]
        except (FileNotFoundError, ValueError):
            time.sleep(0.02)
    raise RuntimeError("the scheduler did not start")


def instead_of_dask_scheduler(popen):
    """The fixture that starts commands, where `dask scheduler` is the other one."""

    @contextlib.contextmanager
    def replaced(args, *rest, env=None, **options):
        words = [str(word) for word in args]
        at = words.index("scheduler") if "scheduler" in words else -1
        if at < 1 or words[at - 1] != "dask":
            with popen(args, *rest, **options, **({} if env is None else {"env": env})) as process:
                yield process
            return
        flags = words[at + 1 :]
        command = [*json.loads(os.environ["CONFORMANCE_SCHEDULER"]), *flags]
        # Where its certificates are may also stand in a file of dask's configuration.
        if "--tls-ca-file" not in flags and not any(one.startswith("tls:") for one in flags):
            command.append("--insecure")
        folder = _folder()
        own = {**(env or os.environ), "ACME_HOME": folder}
        with popen(command, *rest, env=own, **options) as process:
            yield process

    return replaced


def run_scheduler(q, nputs, config, port=0, **kwargs):
    folder = _folder()
    contact = os.path.join(folder, "contact.json")
    try:
        unknown = set(kwargs) - _options
        if unknown:
            raise TypeError(f"got an unexpected keyword argument {sorted(unknown)[0]!r}")
        command = json.loads(os.environ["CONFORMANCE_SCHEDULER"])
        process = subprocess.Popen(
            [*command, *_flags(port, contact, **kwargs)],
            preexec_fn=_die_with_parent,
            env={**os.environ, "ACME_HOME": folder},
        )
        answer = _address(contact, process)
    except Exception as error:
        answer = error
    for _ in range(nputs):
        q.put(answer)
    if isinstance(answer, str):
        process.wait()
