"""Backpropagation: two small layers, forward and back, with the numbers of the page's own program."""

import contextlib
import io
import re

import edits
import numpy as np
from svg import circle, curve, number, on_lines, page, words

COLUMNS = 36, 214, 392  # pixels, hidden neurons, answers
PIXELS, NEURONS = (88, 248, 408), (148, 348)  # how high they stand
RADIUS = 25
ALONG = 0.32  # of its line: where a weight stands, so that crossing lines are elsewhere


def computed():
    """All names of the last program in the page."""
    text = (edits.DOCS / "backpropagation.md").read_text("utf-8")
    *_, program = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(program, names)
    return names


def backpropagation():
    names = computed()
    X, Y1, Y, Y_, D1, D2 = (names[name][0] for name in ("X", "Y1", "Y", "Y_", "D1", "D2"))
    sums = [(names["X"] @ names["W1"])[0], (names["Y1"] @ names["W2"])[0]]
    layers = [  # x and y of both ends, weights, their slopes
        (COLUMNS[0], PIXELS, COLUMNS[1], NEURONS, names["W1"], names["dW1"]),
        (COLUMNS[1], NEURONS, COLUMNS[2], NEURONS, names["W2"], names["dW2"]),
    ]
    lines, labels = [], []
    for x0, starts, x1, ends, W, dW in layers:
        for i, j in np.ndindex(W.shape):
            x, y = x0 + ALONG * (x1 - x0), starts[i] + ALONG * (ends[j] - starts[i])
            lines += [curve([(x0, starts[i]), (x1, ends[j])], "shade", 1.5)]
            labels += [
                on_lines(words(x, y - 2, number(W[i, j], 1))),
                on_lines(words(x, y + 15, number(dW[i, j] + 0), "ochre")),
            ]
    parts = [words(x, 26, name, "grey") for x, name in zip(COLUMNS, ("pixels", "layer 1", "layer 2"))]
    parts += [lines, labels]
    for y, value in zip(PIXELS, X):
        parts += [circle(COLUMNS[0], y, RADIUS, "faint"), words(COLUMNS[0], y + 5, number(value, 1))]
    for x, totals, outputs, slopes in (COLUMNS[1], sums[0], Y1, D1), (COLUMNS[2], sums[1], Y, D2):
        for y, total, output, slope in zip(NEURONS, totals, outputs, slopes):
            parts += [
                on_lines(words(x, y - RADIUS - 8, f"sum {number(total)}")),
                circle(x, y, RADIUS, "faint"),
                words(x, y + 5, number(output), bold=True),
                on_lines(words(x, y + RADIUS + 17, number(slope), "ochre", bold=True)),
            ]
    for y, answer in zip(NEURONS, Y_):
        parts += [words(472, y + 5, f"Y_ {answer}", anchor="end")]
    parts += [
        words(COLUMNS[2], 430, f"loss {number(names['loss']())}", bold=True),
        curve([(36, 462), (76, 462)], "ink", 2.5, arrow=True),
        words(86, 467, "forward: weights, sums, outputs", anchor="start"),
        curve([(76, 488), (36, 488)], "ochre", 2.5, arrow=True),
        words(86, 493, "back: slopes of the loss", "ochre", "start"),
    ]
    told = ", ".join(number(value) for value in Y)
    slopes = "; ".join(
        f"{name}: {', '.join(number(value + 0) for value in names[name].ravel())}"
        for name in ("D2", "dW2", "D1", "dW1")
    )
    return page(
        "Two layers, forward and back",
        f"Three pixels, two hidden neurons, two answers: {told}. The loss is {number(names['loss']())}. "
        f"The slopes on the way back: {slopes}.",
        508,
        parts,
    )
