"""Lessons 2.x: activation functions, the gradient on its way back, dropout."""

from fractions import Fraction

import lessons
import numpy as np
from one_layer import sigmoid
from svg import Chart, box, circle, curve, number, page, words


def relu(x):
    return np.maximum(0, x)


def leaky_relu(x):
    return np.where(x > 0, x, 0.2 * x)  # as TensorFlow's own


def slope(function, x, step=1e-6):
    return (function(x + step) - function(x - step)) / (2 * step)


def steepest(function):
    x = np.linspace(-4, 4, 802)  # relu has no slope at 0, which is not among these
    return Fraction(slope(function, x).max()).limit_denominator(100)


def activations():
    x = np.linspace(-4, 4, 160)
    functions = {"sigmoid": sigmoid, "tanh": np.tanh, "relu": relu, "leaky relu": leaky_relu}
    parts = []
    for k, (name, function) in enumerate(functions.items()):
        left, top = 36 + 232 * (k % 2), 36 + 206 * (k // 2)
        graph = Chart(left, top, 200, 140, (-4, 4), (-1.25, 2.25))
        parts += [
            words(left + 100, top - 12, name, bold=True),
            graph.frame(),
            graph.line([-4, 4], [0, 0], "faint"),
            graph.line([0, 0], [-2, 3], "faint"),
            [words(left - 6, graph.at(0, y)[1] + 5, number(y, 0), "grey", "end") for y in (-1, 0, 1, 2)],
            graph.line(x, function(x), "ink", 3.5),
            graph.line(x, slope(function, x), "ochre", 2.5, dashed=True),
            [words(left + 100 + 25 * x, top + 160, number(x, 0), "grey") for x in (-4, 4)],
            words(left + 100, top + 160, f"slope at most {steepest(function)}", "ochre"),
        ]
    parts += [
        curve([(72, 426), (112, 426)], "ink", 3.5),
        words(120, 432, "the function", anchor="start"),
        curve([(262, 426), (302, 426)], "ochre", 2.5, dashed=True),
        words(310, 432, "its slope", "ochre", "start"),
    ]
    told = "; ".join(f"{name} {steepest(function)}" for name, function in functions.items())
    return page("Activation functions", f"From -4 to 4, with their slopes, at most: {told}.", 446, parts)


def chain():
    weights = [name for name in lessons.shapes("2.0") if name[0] == "W"]
    parts, told = [words(470, 26, "from the loss", "grey", "end")], []
    for top, name, function in (0, "sigmoid", sigmoid), (218, "relu", relu):
        most = steepest(function)
        parts += [words(10, top + 26, f"{name}: slope {most} at most", anchor="start", bold=True)]
        for k, layer in enumerate(weights):
            left, passed = 10 + 103 * k, len(weights) - 1 - k
            share = most**passed
            high = max(1.5, float(share) * 100)
            told += [f"{name}, {layer}: {share}"]
            parts += [
                box(left, top + 180 - high, 48, high, "slate"),
                words(left + 24, top + 172 - high, str(share)),
                words(left + 24, top + 200, layer, bold=True),
            ]
            if passed:
                parts += [
                    curve([(left + 99, top + 130), (left + 54, top + 130)], "grey", arrow=True),
                    words(left + 76, top + 120, f"· {most}", "grey"),
                ]
    return page(
        "The gradient on its way back through four activation functions",
        f"How much of it their slopes leave at most: {'; '.join(told)}.",
        432,
        parts,
    )


def dropout():
    pkeep, output = lessons.constant("2.2", "PKEEP"), 0.6
    off = np.random.default_rng(5).random([2, 7]) > pkeep  # of two hidden layers
    parts = []
    for left, title, dead in (10, "in training", off), (250, "in tests", off & False):
        columns = [np.zeros(5, bool), *dead, np.zeros(4, bool)]
        heights = [172 + 34 * (np.arange(len(column)) - (len(column) - 1) / 2) for column in columns]
        neurons = [
            [(left + 12 + 64 * k, y, gone) for y, gone in zip(heights[k], column)]
            for k, column in enumerate(columns)
        ]
        for before, after in zip(neurons, neurons[1:]):
            joined = [(a[:2], b[:2]) for a in before for b in after if not a[2] and not b[2]]
            parts += [curve(ends, "slate", 0.8) for ends in joined]
        for x, y, gone in sum(neurons, []):
            parts += [circle(x, y, 11, "paper"), circle(x, y, 11, *("grey", 2, True) if gone else ("ink",))]
            parts += [words(x, y + 5, "×", "grey")] if gone else []
        parts += [words(left + 108, 28, title, bold=True)]
    parts += [
        words(118, 322, f"{100 * (1 - pkeep):g} % are switched off;"),
        words(118, 343, f"the others: output / {number(pkeep)}"),
        words(358, 322, "all neurons work;"),
        words(358, 343, "output as it is"),
        words(118, 372, f"{number(output)} → {number(output / pkeep)} or 0,", bold=True),
        words(118, 393, f"on average {number(pkeep * (output / pkeep))}", bold=True),
        words(358, 372, f"{number(output)} → {number(output)}", bold=True),
    ]
    return page(
        "Dropout",
        f"In training, {off.sum()} of {off.size} hidden neurons are switched off for this image, and the "
        f"outputs of the others are divided by {number(pkeep)}; in tests, all work.",
        408,
        parts,
    )
