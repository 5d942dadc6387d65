"""What the drawings read from the lessons."""

import re

import edits


def source(number):
    return edits.LESSONS[number].read_text("utf-8")


def constant(number, name):
    return float(re.search(rf"^{name} = (\S+)", source(number), re.MULTILINE)[1])


def shapes(number):
    """The tensors of the lesson's diagram, without the batch: {"X": [28, 28, 1], "W1": [5, 5, 1, 4], ...}"""
    found = re.findall(
        r"^# .*?\b([A-Z]+\d?) +\[(.+?)\](?: +(B\d?) +\[(\d+)\])?", source(number), re.MULTILINE
    )
    sizes = {}
    for name, size, bias, neurons in found:
        sizes[name] = [int(n) for n in size.split(", ") if n != "batch"]
        if bias:
            sizes[bias] = [int(neurons)]
    return sizes
