"""Lesson 1.0: a neuron, a layer, softmax, the loss, steps downhill."""

import lessons
import numpy as np
from svg import WIDTH, Chart, box, circle, curve, number, on_lines, page, words

SUMS = np.array([-0.8, -2.5, 0.8, 3.6, -0.5, 2.1, -3.0, 0.2, 1.4, -0.9])  # of ten neurons, for a 3
POWERS = np.exp(SUMS)
CHANCES = POWERS / POWERS.sum()
ANSWER = int(SUMS.argmax())


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def neuron():
    inputs, weights, bias = (0.2, 1.0, 0.6), (0.5, 1.2, -0.8), 0.1
    total = np.dot(inputs, weights) + bias
    output = sigmoid(total)
    products = " + ".join(f"{number(x, 1)} · {number(w, 1)}" for x, w in zip(inputs, weights))
    formula = f"{products} + {number(bias, 1)} = {number(total)}"
    names = (30, "inputs"), (122, "weights"), (226, "sum"), (335, "activation"), (441, "output")
    parts = [words(x, 22, name, "grey") for x, name in names]
    for y, label, x, w in zip((62, 124, 186), (74, 116, 186), inputs, weights):
        color = "green" if w > 0 else "violet"
        parts += [
            curve([(30, y), (226, 124)], color, width=1 + 3 * abs(w)),
            circle(30, y, 22, "faint"),
            words(30, y + 6, number(x, 1)),
            words(122, label, number(w, 1), color, bold=True),
        ]
    graph = Chart(292, 84, 86, 80, (-5, 5), (-0.1, 1.1))
    x = np.linspace(-5, 5, 60)
    parts += [
        curve([(226, 206), (226, 168)], "ink", arrow=True),
        circle(226, 226, 20, "pale-ochre"),
        words(226, 232, number(bias, 1)),
        words(254, 232, "bias", "ochre", "start"),
        curve([(266, 124), (288, 124)], "ink", arrow=True),
        circle(226, 124, 38, "shade"),
        words(226, 130, number(total), bold=True),
        graph.frame(),
        graph.line(x, sigmoid(x), "grey", 3),
        graph.dots(total, output, "ink", 5),
        words(335, 186, "sigmoid", "grey"),
        curve([(380, 124), (406, 124)], "ink", arrow=True),
        circle(441, 124, 30, "shade"),
        words(441, 130, number(output), bold=True),
        words(240, 276, formula.replace("· −0.8", "· (−0.8)")),
        words(240, 302, f"sigmoid({number(total)}) = {number(output)}"),
    ]
    return page(
        "A neuron",
        "Each input is multiplied by a weight, green above 0 and violet below. The products and a bias are "
        f"added up to {number(total)}. The activation function, here sigmoid, turns the sum into "
        f"{number(output)}.",
        320,
        parts,
    )


def matrix_product():
    pixels, neurons = lessons.shapes("1.0")["W"]
    batch = int(lessons.constant("1.0", "BATCH"))
    top, left, high, wide, cell = 230, 250, 110, 80, 80 / neurons
    row, column = top + high * 0.4, left + 3 * cell
    parts = [
        box(20, top, 210, high, "faint"),
        box(20, row, 210, cell, "ink"),
        box(left, 36, wide, 174, "pale-slate"),
        box(column, 36, cell, 174, "dark-slate"),
        box(left, top, wide, high, "faint"),
        box(column, row, cell, cell, "ink"),
        words(349, top + high / 2 + 5, "+", bold=True),
        [
            box(370, top + y, wide, cell, "ochre" if y == 0 else "pale-ochre")
            for y in np.arange(0, high, 2 * cell)
        ],
        words(125, top - 10, f"X [{batch}, {pixels}]", bold=True),
        words(290, 24, f"W [{pixels}, {neurons}]", "dark-slate", bold=True),
        words(410, top - 10, f"B [{neurons}]", "ochre", bold=True),
        words(125, top + high + 20, "a row for each image", "grey"),
        words(342, 110, "a column", "grey", "start"),
        words(342, 130, "for each neuron", "grey", "start"),
        words(290, top + high + 20, "X · W", bold=True),
        words(290, top + high + 39, f"[{batch}, {neurons}]", bold=True),
        words(410, top + high + 20, "added to each", "grey"),
        words(410, top + high + 39, f"of {batch} rows", "grey"),
        words(20, 110, "a row times a column:", "grey", "start"),
        words(20, 130, f"{pixels} products, added up,", "grey", "start"),
        words(20, 150, "are one number", "grey", "start"),
    ]
    return page(
        "X · W + B",
        f"X has {batch} rows of {pixels} pixels, W has {neurons} columns of {pixels} weights. Each row of X "
        f"times each column of W is one number of the result, {batch} x {neurons}. The {neurons} biases are "
        "added to each of its rows, which is called broadcasting.",
        398,
        parts,
    )


def softmax():
    columns = [  # where numbers end and bars start, title, values, decimals, length of the longest bar
        (90, 135, "sum", SUMS, 1, 30),
        (220, 230, "exp(sum)", POWERS, 2, 80),
        (380, 390, f"divided by {number(POWERS.sum())}", CHANCES, 2, 80),
    ]
    parts = [words(30, 52 + 26 * k, str(k), bold=k == ANSWER) for k in range(10)]
    parts += [words(30, 24, "digit", "grey")]
    for right, start, title, values, decimals, longest in columns:
        unit = longest / values.max()
        parts += [words(start - 10, 24, title, "grey")]
        for k, value in enumerate(values):
            y, left = 52 + 26 * k, start + min(0, value * unit)
            parts += [
                words(right, y, number(value, decimals), anchor="end", bold=k == ANSWER),
                box(left, y - 12, max(1, abs(value * unit)), 14, "ink" if k == ANSWER else "slate"),
            ]
    parts += [
        curve([(12, 300), (WIDTH - 12, 300)], "faint"),
        words(12, 324, "all together", "grey", "start"),
        words(220, 324, number(POWERS.sum()), anchor="end"),
        words(380, 324, number(CHANCES.sum()), anchor="end"),
    ]
    return page(
        "Softmax",
        f"Ten sums, the largest {number(SUMS.max(), 1)}; the exponential of each; and each exponential "
        f"divided by all together, {number(POWERS.sum())}. The largest sum gets a probability of "
        f"{number(CHANCES.max())}.",
        342,
        parts,
    )


def cross_entropy():
    given, loss = number(CHANCES[ANSWER]), number(-np.log(CHANCES[ANSWER]))
    parts = [words(60 + 43 * k, 26, str(k), "grey") for k in range(10)]
    for y, name, values, decimals in (54, "Y", CHANCES, 2), (98, "Y_", np.eye(10)[ANSWER], 0):
        parts += [words(10, y + 6, name, anchor="start", bold=True)]
        for k, value in enumerate(values):
            parts += [
                box(40 + 43 * k, y - 18, 41, 36, "shade" if k == ANSWER else "faint"),
                words(60 + 43 * k, y + 6, number(value, decimals), bold=k == ANSWER),
            ]
    graph = Chart(62, 182, 400, 160, (0, 1), (0, 5.5))
    x = np.linspace(0.004, 1, 300)
    parts += [
        words(240, 148, f"−Σ Y_ · log(Y) = −log({given}) = {loss}", bold=True),
        graph.frame(),
        graph.line(x, -np.log(x), "grey", 3),
        words(10, 188, "loss", "grey", "start"),
        [words(52, graph.at(0, y)[1] + 5, str(y), "grey", "end") for y in range(0, 5, 2)],
        [words(graph.at(p, 0)[0], 362, number(p, 1), "grey") for p in (0, 0.5, 1)],
        words(262, 384, "probability of the right digit", "grey"),
    ]
    for p, right, up in (0.01, 80, 0), (0.1, 80, 6), (CHANCES[ANSWER], 0, 26):
        (x, y), told = graph.at(p, -np.log(p)), f"−log({number(p)}) = {number(-np.log(p))}"
        is_answer = p == CHANCES[ANSWER]
        parts += [
            graph.dots(p, -np.log(p), "ink", 7 if is_answer else 4),
            on_lines(words(x + right, y - up, told, bold=is_answer)),
        ]
    return page(
        "Cross-entropy",
        f"The network gives the right digit, {ANSWER}, a probability of {given}. The one-hot answer is 1 "
        f"there and 0 elsewhere, so the loss is -log({given}) = {loss}. A curve shows the loss for every "
        "probability: 0 for 1, and ever larger towards 0.",
        398,
        parts,
    )


def descend(rate, curvature, start, steps=6):
    """Gradient descent on the loss Σ curvature · w² / 2, with the gradient curvature · w: all places."""
    places = [np.array(start)]
    for _ in range(steps):
        places.append(places[-1] - rate * curvature * places[-1])
    return np.array(places)


def valley():
    curvature = np.array([0.4, 1.0])
    x, angle = np.linspace(-5, 5, 80), np.linspace(0, 2 * np.pi, 60)
    parts, told = [], []
    columns = [  # title, rate, how far "start" and "end" stand from their points: from the side, from above
        ("too short", 0.1, [((13, 0), (-40, 12)), ((-2, -13), (11, 12))]),
        ("right", 0.8, [((13, -2), (-9, -13)), ((10, -8), (10, 5))]),
        ("too long", 2.1, [((18, 16), (12, -3)), ((10, -8), (12, 5))]),
    ]
    for left, (title, rate, names) in zip((10, 167, 324), columns):
        side = Chart(left, 34, 146, 130, (-4.2, 4.2), (-0.8, 8))
        above = Chart(left, 242, 146, 110, (-3, 3), (-2.25, 2.25))
        w = descend(rate, 1.0, -2.0)
        losses = w**2 / 2
        path = descend(rate, curvature, (-2.6, 1.0))
        told += [f"with a rate of {number(rate, 1)} from {number(losses[0])} to {number(losses[-1])}"]
        parts += [
            words(left + 73, 24, title, bold=True),
            side.frame(),
            side.line(x, x**2 / 2, "shade", 3),
            above.frame(),
            [above.line(*(c * np.stack([np.cos(angle), np.sin(angle)]).T / curvature**0.5).T, "shade", 1)
             for c in np.arange(0.3, 3, 0.4)],
        ]  # fmt: skip
        for chart, points, start, end in (side, (w, losses), *names[0]), (above, path.T, *names[1]):
            first, last = chart.at(*points)[[0, -1]]
            parts += [
                chart.line(*points, "blue", 1.5),
                chart.dots(*points, "blue", 3.5),
                [circle(*first, 6, "paper"), circle(*first, 6, "blue", line=2)],
                circle(*last, 6, "ink"),
                on_lines(words(*(first + start), "start", anchor="start")),
                on_lines(words(*(last + end), "end", anchor="start", bold=True)),
            ]
        parts += [
            words(left + 73, 186, f"rate {number(rate, 1)}"),
            words(left + 73, 206, f"loss {number(losses[0])} → {number(losses[-1])}"),
        ]
    parts += [
        words(240, 234, "the same with two weights, seen from above", "grey"),
        words(240, 374, "a line joins places of the same loss", "grey"),
    ]
    return page("Steps down a valley", f"The loss after six steps: {'; '.join(told)}.", 390, parts)
