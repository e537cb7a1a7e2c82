"""Functions from source text that a client sent instead of the name of a module.

``load`` makes one; what it gives can travel to other workers, which load the text in their turn.
A text is executed once per process, whatever is loaded from it.
"""

import asyncio
import inspect
import linecache
import sys
import threading
import types

_home = sys.modules.setdefault("acme_sources", types.ModuleType("acme_sources")).__dict__
_lock = _home.setdefault("lock", threading.RLock())
_known = _home.setdefault("known", {})


def _module(digest, text, filename):
    with _lock:
        if digest not in _known:
            _known[digest] = _executed(digest, text, filename)
        return _known[digest]


def _executed(digest, text, filename):
    # Tracebacks show lines of source that are no file here.
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    name = f"acme_source_{digest}"
    module = types.ModuleType(name)
    module.__file__ = filename
    # Dataclasses look their module up while they are made. Afterwards it is not to be found, so
    # that pickles carry its classes along: no other process could import them.
    sys.modules[name] = module
    try:
        exec(compile(text, filename, "exec"), module.__dict__)
    finally:
        del sys.modules[name]
    return module


class SourceFunction:
    def __init__(self, *parts):
        self._parts = parts
        _, digest, text, filename, name = parts
        function = _module(digest, text, filename)
        for part in name.split("."):
            function = getattr(function, part)
        self._function = function
        self.__name__ = name

    def __call__(self, *args, **kwargs):
        value = self._function(*args, **kwargs)
        return asyncio.run(value) if inspect.iscoroutine(value) else value

    def __reduce__(self):
        return eval, ("eval(parts[0])(*parts)", {"parts": self._parts})


# Workers pickle the class of what a task gave, for those who show it.
SourceFunction.__module__ = "acme_sources"
SourceFunction.__qualname__ = "SourceFunction"
_home.setdefault("SourceFunction", SourceFunction)


def load(loader, digest, text, filename, name):
    """A function of a source text; ``loader`` is the expression whose value is this function."""
    return _home["SourceFunction"](loader, digest, text, filename, name)
