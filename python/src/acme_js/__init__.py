"""JavaScript functions as tasks of Dask, run by the workers of acme.

A function is named by its module and export. What is submitted is
``operator.methodcaller("__js__", "module#export")``: this package is needed where the name is
written, and nowhere else.

>>> import acme_js
>>> square = acme_js.fn("/shared/tasks.mjs#square")
>>> square
acme_js.fn('/shared/tasks.mjs#square')
>>> acme_js.submit(client, square, 7).result()  # doctest: +SKIP
49
"""

from __future__ import annotations

import operator
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from dask.delayed import Delayed
    from distributed import Client, Future

__all__ = [
    "JS",
    "PYTHON",
    "JsFunction",
    "annotate",
    "delayed",
    "fn",
    "map",
    "python_only",
    "submit",
]
__version__ = "0.1.0"

JS: Final[Mapping[str, float]] = {"LANG-js": 1}
"""What a task asks for that JavaScript workers have: one of their threads."""

PYTHON: Final[Mapping[str, float]] = {"LANG-py": 1}
"""What tasks of Python ask for where workers of both kinds share a scheduler of Dask's own; its
Python workers are started with ``--resources "LANG-py=<threads>"``."""

_METHOD: Final = "__js__"


class JsFunction:
    """A JavaScript function by name; made with :func:`fn`.

    It can be given to everything that takes functions for tasks, and pickles to a
    ``methodcaller``. It cannot be called here.
    """

    __slots__ = ("__name__", "__qualname__", "reference")

    reference: str
    """``module#export``."""

    def __init__(self, reference: str) -> None:
        self.reference = reference
        # Dask calls tasks after their functions.
        self.__name__ = self.__qualname__ = _export_of(reference)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(
            f"{self.reference} is a JavaScript function: pass it to acme_js.submit(client, ...) "
            'or to client.submit(..., resources={"LANG-js": 1}), which run it on a worker of acme'
        )

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str, str]]:
        return operator.methodcaller, (_METHOD, self.reference)

    def __dask_tokenize__(self) -> tuple[str, str]:
        return _METHOD, self.reference

    def __eq__(self, other: object) -> bool:
        return isinstance(other, JsFunction) and other.reference == self.reference

    def __hash__(self) -> int:
        return hash((_METHOD, self.reference))

    def __repr__(self) -> str:
        return f"acme_js.fn({self.reference!r})"


def fn(reference: str) -> JsFunction:
    """Name a JavaScript function.

    Parameters
    ----------
    reference:
        ``module#export``, or a module alone for its default export. The module is a path, a
        ``file:`` URL or the name of a package. A path that begins with ``./`` or ``../`` is
        looked up from the file that calls this (from the working directory in a notebook), and
        has to be the same on the workers.

    Raises
    ------
    ValueError
        If the reference names no module or no export.
    """
    module, _, export = reference.rpartition("#") if "#" in reference else (reference, "", "default")
    if not module or not export:
        raise ValueError(f"{reference!r} is no reference such as './tasks.mjs#square'")
    if module.startswith(("./", "../")):
        module = os.path.abspath(os.path.join(_folder_of_caller(), module))
    return JsFunction(f"{module}#{export}")


def submit(client: Client, function: JsFunction, /, *args: Any, **kwargs: Any) -> Future:
    """``client.submit``, on JavaScript workers; further resources are kept."""
    return client.submit(function, *args, **_for_js(kwargs))


def map(
    client: Client, function: JsFunction, /, *iterables: Iterable[Any], **kwargs: Any
) -> list[Future]:
    """``client.map``, on JavaScript workers; further resources are kept."""
    return client.map(function, *iterables, **_for_js(kwargs))


def delayed(function: JsFunction, **options: Any) -> Callable[..., Delayed]:
    """``dask.delayed`` for JavaScript workers: what it gives makes one task per call."""
    from dask import delayed as dask_delayed

    def call(*args: Any, **kwargs: Any) -> Delayed:
        with annotate():
            made: Delayed = dask_delayed(function, **options)(*args, **kwargs)
            return made

    return call


def annotate(**annotations: Any) -> AbstractContextManager[None]:
    """``dask.annotate`` for JavaScript workers: for what is built inside, not what is computed."""
    from dask import annotate as dask_annotate

    return dask_annotate(**_for_js(annotations))


def python_only(**annotations: Any) -> AbstractContextManager[None]:
    """``dask.annotate`` for Python's tasks, where Dask's own scheduler serves both languages.

    That scheduler knows no languages: a task that asks for nothing may go to any worker.
    """
    from dask import annotate as dask_annotate

    resources = {**PYTHON, **annotations.pop("resources", {})}
    return dask_annotate(resources=resources, **annotations)


def _for_js(options: dict[str, Any]) -> dict[str, Any]:
    return {**options, "resources": {**JS, **(options.get("resources") or {})}}


def _export_of(reference: str) -> str:
    return reference.rpartition("#")[2]


def _folder_of_caller() -> str:
    file = sys._getframe(2).f_globals.get("__file__")
    return os.path.dirname(os.path.abspath(file)) if isinstance(file, str) else os.getcwd()
