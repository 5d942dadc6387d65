"""The file itself: its parts are put together, and the run goes into it."""

import base64
import gzip
import hashlib
import html
import json
import re
from pathlib import Path

import numpy as np

import startup

PARTS = Path(__file__).parent
SCRIPTS = (  # in this order
    "network", "data", "handwriting", "drawing", "charts", "digits", "neurons", "sums", "page", "pad", "keys",
)  # fmt: skip


def write(path, title, run, networks, told=None, no_network=""):
    """`networks` and what is `told` of the run are made by the rooms beside this one; `no_network` says why
    there is none.
    """
    data = {"title": title, "shape": run.shape, "classes": run.classes, "networks": networks,
            "noNetwork": no_network, "run": told}  # fmt: skip
    text = assembled(html.escape(title), base64.b64encode(packed(data)).decode())
    with startup.atomic_write(path) as unfinished:
        unfinished.write_text(text, "utf-8")


def assembled(title, data):
    """The parts, in one text."""
    style = (PARTS / "page.css").read_text("utf-8")
    script = "\n".join((PARTS / f"{name}.js").read_text("utf-8") for name in SCRIPTS)
    parts = {
        "TITLE": title,
        "POLICY": policy(style, script),
        "STYLE": style,
        "SCRIPT": script,
        "DATA": data,
    }
    return re.sub(r"{{(\w+)}}", lambda place: parts[place[1]], (PARTS / "page.html").read_text("utf-8"))


def renewed(page):
    """A page that was written earlier, with today's style and script."""
    title, data = re.search(r"<title>(.*?)</title>.*? id=\"data\">(.*?)</script>", page, re.DOTALL).groups()
    return assembled(title, data)


def policy(style, script):
    """What the browser may use: these two, and nothing from anywhere."""
    return (
        f"default-src 'none'; script-src '{fingerprint(script)}'; style-src '{fingerprint(style)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def fingerprint(text):
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def packed(data):
    """The length of a JSON text, the text, and the arrays for which it has {"array": k}; gzipped."""
    arrays = []

    def number(array):
        arrays.append(np.ascontiguousarray(array))
        return {"array": len(arrays) - 1}

    def plain(value):
        if isinstance(value, np.ndarray):
            return number(value)
        if isinstance(value, dict):
            return {key: plain(one) for key, one in value.items()}
        if isinstance(value, (list, tuple)):
            return [plain(one) for one in value]
        return value.item() if isinstance(value, np.generic) else value

    data = plain(data)
    starts = np.cumsum([0, *(-(-array.nbytes // 4) * 4 for array in arrays)]).tolist()  # multiples of 4
    data["arrays"] = [
        {"type": array.dtype.name, "shape": array.shape, "start": start}
        for array, start in zip(arrays, starts)
    ]
    text = json.dumps(data, allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    parts = [array.tobytes().ljust(-(-array.nbytes // 4) * 4, b"\0") for array in arrays]
    return gzip.compress(b"".join([len(text).to_bytes(4, "little"), text, *parts]), mtime=0)
