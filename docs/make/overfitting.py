"""Overfitting: curves with few or many weights, fitted to points."""

import numpy as np
from svg import Chart, number, on_lines, page, words

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
    causes = [  # title, waves, (features, points, name) of the cause and of what helps
        ("too many weights", 1, (polynomial(9), 12, "9 weights"), (polynomial(4), 12, "with 4 weights")),
        ("too little data", 1, (polynomial(9), 12, "12 points"), (polynomial(9), 120, "with 120 points")),
        (
            "the wrong shape",
            3,
            (polynomial(9), 60, "9 of a polynomial"),
            (any_wave(3), 60, "with 3 of a wave"),
        ),
    ]
    x, parts, told = np.linspace(0, 1, 120), [], []
    for k, (title, waves, *both) in enumerate(causes):
        left = 8 + 157 * k
        parts += [words(left + 75, 22, title)]
        for top, (features, count, name) in zip((48, 242), both):
            train, graph = samples(count, 6, waves), Chart(left, top, 150, 118, (-0.02, 1.02), (-2.2, 2.2))
            function = fit(features, train)
            losses = number(loss(function, train)), number(loss(function, samples(TEST, 99, waves)))
            told += [f"{title}, {name}: training {losses[0]}, test {losses[1]}"]
            parts += [
                words(left + 75, top - 7, name, "grey"),
                graph.frame(),
                graph.line(x, wave(x, waves), "grey", 1.5, dashed=True),
                graph.dots(*train, "blue", 3.5 if count < 60 else 2),
                graph.line(x, function(x), "red", 3),
                words(left + 75, top + 137, f"training {losses[0]}", "blue"),
                words(left + 75, top + 157, f"test {losses[1]}", "red"),
            ]
    return page("Three causes of a high test loss, and what helps", f"{'; '.join(told)}.", 412, parts)
