// Goal: Python programs submit JavaScript functions by name, and values go between the languages.
// Method: programs as users write them, on our scheduler with workers of both kinds, over TLS.
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expect, it } from "vitest";
import { pythonFor, pythonSite } from "./site.js";

const timeout = 300_000;
const acmeJs = fileURLToPath(new URL("../../../python", import.meta.url));
const tasks = fileURLToPath(new URL("fixtures/tasks.mjs", import.meta.url));

const preamble = `
import sys
sys.path.insert(0, ${JSON.stringify(`${acmeJs}/src`)})
import operator
import acme_js, dask, numpy
from distributed import Client, wait

def js(name):
    return acme_js.fn(${JSON.stringify(`${tasks}#`)} + name)

def shown(call):
    try:
        print(call().result(timeout=60))
    except Exception as error:
        print(type(error).__name__, str(error).splitlines()[0])
        return error
`;

it("runs named functions of both languages, each where it belongs", {
  timeout,
}, async (context) => {
  await using site = await pythonSite(context);
  await site.startWorkers(1);
  await site.startNodeWorkers(1, { nthreads: 2 });
  const lines = await site.run(`${preamble}
class Model:
    def __init__(self, factor):
        self.factor = factor
    def apply(self, x):
        return self.factor * x

if __name__ == "__main__":
    client = Client(timeout="20s")
    print(acme_js.submit(client, js("square"), 7).result())
    # The function's name alone says the language, and so do the resources.
    print(client.submit(operator.methodcaller("__js__", js("square").reference), 8).result())
    print(client.submit(js("later"), 8, resources={"LANG-js": 1, }).result())
    print(sum(client.gather(acme_js.map(client, js("square"), range(200)))))
    # Python's tasks ask for nothing and still never meet a worker of ours.
    print(sum(client.gather(client.map(lambda x: x + 1, range(200)))))
    print(client.submit(lambda x: x + 1, 1, resources={"LANG-py": 1}).result())

    halves = client.submit(numpy.arange, 4.0)
    scaled = acme_js.submit(client, js("scale"), halves, by=3)
    print(repr(client.submit(lambda a: a.reshape(2, 2) + 1, scaled).result()))
    print(acme_js.delayed(js("sum"))(dask.delayed(numpy.ones)(5)).compute())
    with acme_js.annotate():
        print(dask.delayed(js("square"))(dask.delayed(js("square"))(3)).compute())
    print(acme_js.submit(client, js("kinds")).result())
    print(acme_js.submit(client, js("nameOf"), b"raw").result(),
          acme_js.submit(client, js("nameOf"), numpy.zeros(2, "int16")).result(),
          acme_js.submit(client, js("nameOf"), {"a": (1, None)}).result())

    # What JavaScript has no form for goes through it as it is.
    model = client.submit(Model, 5)
    print(client.submit(Model.apply, acme_js.submit(client, js("same"), model), 4).result())
    inside = acme_js.submit(client, js("same"), {"model": Model(6)}).result()
    print(inside["model"].apply(2))

    error = shown(lambda: acme_js.submit(client, js("fail"), "too far"))
    print(error.js_name, error.js_message, "at fail" in error.js_stack)
    shown(lambda: acme_js.submit(client, js("closure")))
    shown(lambda: acme_js.submit(client, js("gone")))
    shown(lambda: client.submit(len, [1], resources={"LANG-js": 1}))
    shown(lambda: acme_js.submit(client, js("same"), 1, actor=True))
    shown(lambda: client.submit(lambda x: x, acme_js.submit(client, js("fail"), "passed on")))
    client.close()
`);
  expect(lines.split("\n")).toEqual([
    ...["49", "64", "9", String((199 * 200 * 399) / 6), String((200 * 201) / 2), "2"],
    ...["array([[ 1.,  4.],", "       [ 7., 10.]])", "5", "81"],
    "{'whole': 1, 'float': 1.5, 'text': 'é', 'flag': True, 'nothing': None, 'list': [1, ['two']], " +
      "'big': 1180591620717411303424, 'bytes': b'raw', 'array': array([1., 2.]), " +
      "'small': array([3], dtype=int16), 'when': datetime.datetime(1970, 1, 1, 0, 0, " +
      "tzinfo=datetime.timezone.utc), 'set': {1}, 'map': {1: 2}}",
    ...["Buffer Int16Array Object", "20", "12"],
    "RuntimeError RangeError: too far",
    "RangeError too far True",
    expect.stringMatching(/^RuntimeError PythonValueError: a function has no form in Python/),
    expect.stringMatching(/^RuntimeError FunctionShipError: .*exports no function 'gone'/),
    expect.stringMatching(/^RuntimeError ForeignTaskError: task len-\w+ calls builtins.len/),
    expect.stringMatching(/^RuntimeError .* is an actor of a JavaScript function/),
    "RuntimeError RangeError: passed on",
  ]);
});

it("has a Python package that keeps its promises", { timeout }, async (context) => {
  const python = pythonFor(context);
  const { all } = await execa(python, ["-m", "unittest", "discover", "-s", "tests"], {
    cwd: acmeJs,
    env: { PYTHONPATH: "src", PYTHONWARNINGS: "ignore" },
    all: true,
    reject: false,
  });
  expect(all).toMatch(/Ran \d+ tests[\s\S]*\nOK$/);
});
