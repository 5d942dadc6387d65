"""JSON that another program may have written, or that may be damaged: job.json, TF_CONFIG and their like.

    has_form(found, {"steps": 0, "history": [{"loss": 0.0}]})

is true of a dictionary with these keys (and others), where `steps` is a whole number and `history` a list, of
any length, of dictionaries with a number `loss`.
"""

import json
import os

LARGEST = 10_000_000  # bytes; a job's own files have thousands
HUGE = 1 << 63  # no number of a job is as large


def read(path):
    """The content of a file; ValueError where that is not JSON."""
    if os.path.exists(path) and not os.path.isfile(path):
        raise ValueError("not a regular file")  # reading from others may never end
    with open(path, "rb") as file:
        return parse(file.read(LARGEST + 1))


def parse(text):
    """The content of a text, or of its bytes; ValueError where that is not JSON."""
    if len(text) > LARGEST:
        raise ValueError(f"more than {LARGEST:,} bytes")
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("too deeply nested") from None


def has_form(value, form):
    if isinstance(form, dict):
        return isinstance(value, dict) and all(
            name in value and has_form(value[name], part) for name, part in form.items()
        )
    if isinstance(form, list):
        return isinstance(value, list) and all(has_form(part, form[0]) for part in value)
    if isinstance(form, float) and type(value) is float:
        return True
    kind = int if isinstance(form, float) else type(form)
    return type(value) is kind and (kind is not int or abs(value) < HUGE)
