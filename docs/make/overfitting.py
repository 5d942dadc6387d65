"""Overfitting: curves with few or many weights, fitted to points."""

import numpy as np
from svg import Chart, circle, curve, number, on_lines, page, words

TEST = 1000  # points


def wave(x, waves=1):
    return np.sin(2 * np.pi * waves * x)


def samples(count, seed, waves=1):
    """Points of a wave that was measured with errors of about 0.3."""
    x = (np.arange(count) + 0.5) / count
    return x, wave(x, waves) + 0.3 * np.random.default_rng(seed).normal(size=count)


def polynomial(weights):
    """What so many weights are multiplied by, [n, weights], at each x: Chebyshev's powers, for exact sums."""
    return lambda x: np.polynomial.chebyshev.chebvander(2 * x - 1, weights - 1)


def any_wave(waves):
    """A constant, a sine and a cosine, for three weights: a wave of any height and phase."""
    return lambda x: np.stack([np.ones_like(x), wave(x, waves), wave(x + 0.25 / waves, waves)], axis=-1)


def fit(features, points):
    """The curve with the smallest squared error at these points."""
    weights = np.linalg.lstsq(features(points[0]), points[1], rcond=None)[0]
    return lambda x: features(x) @ weights


def loss(function, points):
    """The mean squared error."""
    return np.mean((function(points[0]) - points[1]) ** 2)


def overfitting():
    train, test, counts = samples(12, 6), samples(TEST, 99), np.arange(1, 10)
    fits = [fit(polynomial(n), train) for n in counts]
    seen, unseen = ([loss(function, points) for function in fits] for points in (train, test))
    best = int(np.argmin(unseen))
    graph = Chart(50, 16, 416, 270, (0.7, 9.3), (-0.03, 0.8))

    def label(x, y, text, color, anchor="middle"):
        return on_lines(words(*graph.at(x, y), text, color, anchor, bold=True))

    parts = [
        graph.frame(),
        graph.line([0, 10], [0, 0], "faint"),
        [words(42, graph.at(0, y)[1] + 5, number(y, 1), "grey", "end") for y in (0, 0.2, 0.4, 0.6)],
        [words(graph.at(n, 0)[0], 306, str(n), "grey") for n in counts],
        words(42, 30, "loss", "grey", "end"),
        words(258, 330, "weights of the curve: degrees of freedom", "grey"),
        graph.line(counts, seen, "blue", 2),
        graph.dots(counts, seen, "blue", 3.5),
        graph.line(counts, unseen, "red", 5),
        graph.dots(counts, unseen, "red", 5),
        label(counts[best] + 0.1, unseen[best] + 0.04, "best", "red", "start"),
        label(8.3, 0.55, f"test: {TEST:,} others", "red", "end"),
        label(0.9, 0.03, f"training: {len(train[0])} points", "blue", "start"),
    ]
    return page(
        "Training and test loss part company",
        f"Curves with 1 to {counts[-1]} weights are fitted to {len(train[0])} points. The loss at these "
        f"points falls from {number(seen[0])} to {number(seen[-1])}; at other points it falls to "
        f"{number(unseen[best])} with {counts[best]} weights, then rises to {number(unseen[-1])}.",
        344,
        parts,
    )


def degrees_of_freedom():
    nine, few = polynomial(9), polynomial(4)
    columns = [  # waves; what is wrong, and what helps: title, curve, points, what is new in words
        (1, ("too many weights", nine, 12, ""), ("fewer weights", few, 12, "4 weights")),
        (1, ("too little data", nine, 12, ""), ("more data", nine, 120, "120 points")),
        (
            3,
            ("the wrong shape", nine, 60, "9 of a polynomial"),
            ("the right shape", any_wave(3), 60, "3 of a wave"),
        ),
    ]
    x, told = np.linspace(0, 1, 120), []
    parts = [
        words(161, 44, "the same: 9 weights, 12 points", "grey"),
        curve([(8, 58), (8, 52), (315, 52), (315, 58)], "grey", 1),
        curve([(14, 482), (50, 482)], "grey", 2, dashed=True),
        words(58, 487, "the truth", "grey", "start"),
        curve([(164, 482), (200, 482)], "ink", 3),
        words(208, 487, "the curve", anchor="start"),
        circle(322, 482, 3.5, "blue"),
        words(334, 487, "training points", "blue", "start"),
    ]
    for k, (waves, *both) in enumerate(columns):
        left = 8 + 157 * k
        for top, (title, features, count, name) in zip((62, 296), both):
            train, graph = samples(count, 6, waves), Chart(left, top, 150, 118, (-0.02, 1.02), (-2.2, 2.2))
            function = fit(features, train)
            losses = number(loss(function, train)), number(loss(function, samples(TEST, 99, waves)))
            told += [f"{title}: training {losses[0]}, test {losses[1]}"]
            parts += [
                words(left + 75, top - 40, title),
                words(left + 75, top - 18, name, "grey") if name else [],
                graph.frame(),
                graph.line(x, wave(x, waves), "grey", 2, dashed=True),
                graph.line(x, function(x), "ink", 3),
                graph.dots(*train, "blue", 3.5 if count < 60 else 2),
                words(left + 75, top + 137, f"training {losses[0]}", "blue"),
                words(left + 75, top + 157, f"test {losses[1]}", "red"),
            ]
    return page("Three causes of a high test loss, and what helps", f"{'; '.join(told)}.", 504, parts)
