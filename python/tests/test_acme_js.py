"""What acme_js promises without a JavaScript worker; run by `python -m unittest`."""

from __future__ import annotations

import asyncio
import operator
import os
import pickle
import pickletools
import subprocess
import sys
import unittest

import acme_js
from dask.base import tokenize
from dask.utils import funcname
from distributed import Client, LocalCluster

HERE = os.path.dirname(os.path.abspath(__file__))


class Names(unittest.TestCase):
    def test_relative_paths_are_those_of_the_calling_file(self) -> None:
        self.assertEqual(acme_js.fn("./tasks.mjs#f").reference, f"{HERE}/tasks.mjs#f")
        parent = os.path.dirname(HERE)
        self.assertEqual(acme_js.fn("../tasks.mjs#f").reference, f"{parent}/tasks.mjs#f")

    def test_other_modules_stay_as_they_are(self) -> None:
        for reference in ("/shared/tasks.mjs#f", "package#f", "file:///tasks.mjs#f"):
            self.assertEqual(acme_js.fn(reference).reference, reference)
        self.assertEqual(acme_js.fn("package").reference, "package#default")
        self.assertEqual(acme_js.fn("/a#b/c.mjs#f").reference, "/a#b/c.mjs#f")

    def test_nonsense_is_refused(self) -> None:
        for reference in ("", "#f", "./tasks.mjs#"):
            with self.assertRaisesRegex(ValueError, "no reference"):
                acme_js.fn(reference)

    def test_tasks_are_called_after_the_export(self) -> None:
        square = acme_js.fn("/shared/tasks.mjs#square")
        self.assertEqual(funcname(square), "square")
        self.assertEqual(repr(square), "acme_js.fn('/shared/tasks.mjs#square')")

    def test_equal_names_are_equal_tasks(self) -> None:
        one, same, other = (acme_js.fn(f"/t.mjs#{name}") for name in ("f", "f", "g"))
        self.assertEqual(one, same)
        self.assertEqual(len({one, same, other}), 2)
        self.assertEqual(tokenize(one), tokenize(same))
        self.assertNotEqual(tokenize(one), tokenize(other))

    def test_calling_one_here_says_what_to_do(self) -> None:
        with self.assertRaisesRegex(RuntimeError, "acme_js.submit"):
            acme_js.fn("/t.mjs#f")(1)


class Pickles(unittest.TestCase):
    def test_they_are_those_of_a_plain_methodcaller(self) -> None:
        plain = pickle.dumps(operator.methodcaller("__js__", "/t.mjs#f"), protocol=5)
        self.assertEqual(pickle.dumps(acme_js.fn("/t.mjs#f"), protocol=5), plain)
        names = [arg for _, arg, _ in pickletools.genops(plain) if isinstance(arg, str)]
        self.assertEqual(names, ["operator", "methodcaller", "__js__", "/t.mjs#f"])

    def test_they_are_read_without_this_package(self) -> None:
        data = pickle.dumps(acme_js.fn("/t.mjs#f")).hex()
        program = f"import pickle; print(pickle.loads(bytes.fromhex('{data}')))"
        isolated = [sys.executable, "-I", "-c", program]
        out = subprocess.run(isolated, capture_output=True, text=True, check=True).stdout
        self.assertEqual(out.strip(), "operator.methodcaller('__js__', '/t.mjs#f')")


class Resources(unittest.TestCase):
    """On a scheduler of Dask's own whose workers run Python alone: the tasks wait."""

    client: Client
    cluster: LocalCluster

    @classmethod
    def setUpClass(cls) -> None:
        cls.cluster = LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None
        )
        cls.client = Client(cls.cluster)

    @classmethod
    def tearDownClass(cls) -> None:
        cls.client.close()
        cls.cluster.close()

    def asked(self, key: str) -> dict[str, float]:
        async def read(dask_scheduler=None, key: str = key):  # type: ignore[no-untyped-def]
            while key not in dask_scheduler.tasks:
                await asyncio.sleep(0.01)
            return dask_scheduler.tasks[key].resource_restrictions

        return dict(self.client.run_on_scheduler(read))

    def test_submit_and_map_ask_for_javascript(self) -> None:
        square = acme_js.fn("./tasks.mjs#square")
        one = acme_js.submit(self.client, square, 7)
        more = acme_js.map(self.client, square, [1, 2], resources={"GPU": 1})
        self.assertTrue(one.key.startswith("square-"))
        self.assertEqual(self.asked(one.key), {"LANG-js": 1})
        self.assertEqual(self.asked(more[1].key), {"LANG-js": 1, "GPU": 1})

    def test_delayed_and_annotate_do_too(self) -> None:
        import dask

        square = acme_js.fn("./tasks.mjs#square")
        one = self.client.compute(acme_js.delayed(square)(7))
        self.assertEqual(self.asked(one.key), {"LANG-js": 1})
        with acme_js.annotate(priority=3):
            two = self.client.compute(dask.delayed(square)(8))
        self.assertEqual(self.asked(two.key), {"LANG-js": 1})
        with acme_js.python_only():
            three = self.client.compute(dask.delayed(len)([1]))
        self.assertEqual(self.asked(three.key), {"LANG-py": 1})


if __name__ == "__main__":
    unittest.main()
