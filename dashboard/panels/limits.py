"""Where a chart's axes end, and which of its points are drawn."""

import math

import numpy as np

TOPS = 0.95, 0.98, 0.99, 0.995, 0.998, 1  # where the accuracy chart may end
LEAST_ERROR = 0.001  # is added to each error: no axis has room for an error of 0
LARGEST_LOSS = 1e300  # loss for which an axis makes room: beyond, matplotlib overflows


def round_up(x, steps=(1, 1.5, 2, 3, 4, 6, 8, 10)):
    """The next of 0.1, 0.15, 0.2, 0.3, ... 1, 1.5, 2, 3, ...; 0 for what is not above 0."""
    if not 0 < x < math.inf:
        return 0.0
    power = 10.0 ** math.floor(math.log10(x) + 1e-9)
    return next(step * power for step in steps if step * power >= x * (1 - 1e-9))


def top_of(values):
    """Where the accuracy chart ends."""
    best = np.nanmax(values, initial=0)
    return next(top for top in TOPS if best < top or top == 1)


def ceiling_of(values, ceiling):
    """Where the loss chart ends: it may cut off a tenth of the curve, but not its end; it shrinks late."""
    values = values[np.abs(values) < LARGEST_LOSS]
    if not len(values):
        return 0
    high = 1.1 * max(np.quantile(values, 0.9), np.median(values[-10:]))
    return ceiling if round_up(high) <= ceiling <= round_up(1.3 * high) else round_up(high)


def smoothed(y, over):
    """The mean of each value and those around it, `over` of them; fewer at the start, where much changes."""
    k = np.arange(len(y))
    half = np.minimum(k // 4, over // 2)
    low, high = k - half, np.minimum(k + half + 1, len(y))
    edges = np.stack([low, high], axis=1).ravel()
    return np.add.reduceat(np.append(y, 0), edges)[::2] / (high - low)


def spread(heights, least, low=-np.inf, high=np.inf):
    """The heights moved apart, where two are closer than `least`, as little as possible, from low to high."""
    order, steps = np.argsort(heights, kind="stable"), least * np.arange(len(heights))
    groups = []  # of neighbours that touch: where their lowest would go, as a sum, and how many they are
    for height in np.array(heights, float)[order] - steps:
        groups.append((height, 1))
        while len(groups) > 1 and groups[-2][0] / groups[-2][1] > groups[-1][0] / groups[-1][1]:
            (below, m), (above, n) = groups[-2:]
            groups[-2:] = [(below + above, m + n)]
    lowest = np.repeat([total / n for total, n in groups], [n for _, n in groups])
    moved = np.empty(len(heights))
    moved[order] = np.clip(lowest, low, high - steps[-1:].sum()) + steps
    return moved


def thin(x, y, most):
    """Curves with no more than about 2 * `most` points: the lowest and the highest of each stretch remain."""
    stretch = len(x) // most
    if stretch < 2:
        return x, y
    starts = np.arange(0, len(x), stretch)
    low, high = np.fmin.reduceat(y, starts), np.fmax.reduceat(y, starts)
    return x[starts].repeat(2), np.stack([low, high], axis=1).reshape(-1, *y.shape[1:])


def scale_marks(columns, rows, total):
    """Marks beside the test digits, {row: share}: wrong ones come first, so the red ends at the accuracy."""
    step = next(step for step in (5, 4, 3, 2, 1) if rows % step == 0)
    return {row: max(0, 1 - row * columns / total) for row in range(0, rows + 1, step)}


def stretched(accuracy):
    """Where an accuracy stands on an axis on which errors halve at equal distances."""
    return -np.log10(np.maximum(1 - accuracy, 0) + LEAST_ERROR)


def unstretched(height):
    return 1 + LEAST_ERROR - 10.0**-height
