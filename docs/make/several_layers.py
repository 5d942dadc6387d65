"""Lessons 2.x: activation functions, the gradient on its way back, dropout."""

from fractions import Fraction

import lessons
import numpy as np
from one_layer import sigmoid
from svg import Chart, box, circle, curve, number, on_lines, page, words


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


# the gradient in W1 to W5 at the start, root mean square, seed 0: printed by docs/make/start.py
AT_START = {"2.0": (0.00027, 0.0014, 0.008, 0.067, 1.1), "2.1": (0.026, 0.077, 0.13, 0.23, 0.61)}


def chain():
    lowest, decades, high = 1e-4, 4, 36  # of the scale; `high` is the height of one decade
    parts, told = [words(470, 26, "from the loss", "grey", "end")], []
    for top, name, number_of_lesson in (0, "sigmoid", "2.0"), (244, "relu", "2.1"):
        foot, sizes = top + 204, AT_START[number_of_lesson]
        parts += [words(10, top + 26, f"{name}, lesson {number_of_lesson}", anchor="start", bold=True)]
        for k in range(decades + 1):
            y = foot - high * k
            parts += [
                curve([(62, y), (470, y)], "faint"),
                words(54, y + 5, f"{lowest * 10**k:.4f}".rstrip("0").rstrip("."), "grey", "end"),
            ]
        for k, size in enumerate(sizes):
            left, tall = 74 + 82 * k, high * np.log10(size / lowest)
            told += [f"{name}, W{k + 1}: {size:g}"]
            parts += [
                box(left, foot - tall, 48, tall, "slate"),
                on_lines(words(left + 24, foot - tall - 7, f"{size:g}")),
                words(left + 24, foot + 21, f"W{k + 1}", bold=True),
            ]
            if k:
                parts += [curve([(left - 6, foot + 16), (left - 28, foot + 16)], "grey", arrow=True)]
    parts += [words(240, 490, "each line is ten times the one below it", "grey")]
    return page(
        "The gradient on its way back, measured at the start",
        f"Its size in each layer, the root mean square: {'; '.join(told)}.",
        506,
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
