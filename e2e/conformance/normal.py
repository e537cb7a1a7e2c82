# Makes values of two clusters comparable: what differs from run to run (addresses, ids, places in
# memory) is replaced by what it stands for. Numbers and texts otherwise stay as they are.
import re

_addresses = {}

_patterns = [
    (re.compile(r"\b(?:tcp|tls|ws|wss)://[\w.\[\]:-]*:\d+"), "<address>"),
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "<id>"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "<hash>"),
    (re.compile(r"0x[0-9a-f]{6,}"), "<place>"),
    (re.compile(r'File "[^"]*"'), 'File "<file>"'),
]


def learn(info):
    """Remembers the addresses of a cluster, so that they become the names of its workers."""
    _addresses.clear()
    _addresses[info["address"]] = "<scheduler>"
    for address, worker in info["workers"].items():
        _addresses[address] = f"<{worker['name']}>"
        if worker.get("nanny"):
            _addresses[worker["nanny"]] = f"<nanny of {worker['name']}>"


def text(value):
    for address, name in _addresses.items():
        value = value.replace(address, name)
    for pattern, name in _patterns:
        value = pattern.sub(name, value)
    return value


def describe_error(error):
    kind = type(error)
    return {"class": f"{kind.__module__}.{kind.__qualname__}", "text": text(str(error))}


def _sorted(items):
    import json

    return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))


def describe(value):
    """The value as JSON that is equal for equal values."""
    if value is None or isinstance(value, (bool, int, float)):
        return value if value == value else "nan"
    if isinstance(value, str):
        return text(value)
    if isinstance(value, type):
        return {"class": f"{value.__module__}.{value.__qualname__}"}
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": bytes(value).hex()}
    if isinstance(value, BaseException):
        return {"exception": describe_error(value)}
    if type(value) is list:
        return [describe(item) for item in value]
    if isinstance(value, tuple):
        return {"tuple": [describe(item) for item in value]}
    if isinstance(value, (set, frozenset)):
        return {"set": _sorted(describe(item) for item in value)}
    if isinstance(value, dict):
        pairs = ([describe(key), describe(item)] for key, item in value.items())
        return {"dict": _sorted(pairs)}
    return _describe_object(value)


def _describe_object(value):
    kind = type(value)
    name = f"{kind.__module__}.{kind.__qualname__}"
    if hasattr(value, "to_pydict") or hasattr(value, "to_dict"):
        return {name: describe(value.to_dict())}
    if hasattr(value, "dtype") and hasattr(value, "tolist"):
        return {name: [str(value.dtype), list(value.shape), describe(value.tolist())]}
    if hasattr(value, "status") and hasattr(value, "key"):
        return {name: value.status}
    return {name: text(repr(value))}
