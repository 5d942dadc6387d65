"""Where a chart's axes end, and which of its points are drawn."""

import math

import numpy as np

FLOORS = 0.9, 0.8, 0.5  # where the accuracy chart may start
LARGEST = 1e300  # loss for which an axis makes room: beyond, matplotlib overflows


def round_up(x, steps=(1, 1.5, 2, 3, 4, 6, 8, 10)):
    """The next of 0.1, 0.15, 0.2, 0.3, ... 1, 1.5, 2, 3, ...; 0 for what is not above 0."""
    if not 0 < x < math.inf:
        return 0.0
    power = 10.0 ** math.floor(math.log10(x) + 1e-9)
    return next(step * power for step in steps if step * power >= x * (1 - 1e-9))


def floor_of(values, floor):
    """Where the accuracy chart starts: as high as it can if that hides a tenth of the curve, not its end.

    `floor` is where it starts now: it stays until a fifth would be hidden, or the chart would flicker.
    """
    for f in FLOORS:
        hidden = np.mean(values < f) if len(values) else 1
        if hidden <= (0.2 if f == floor else 0.1) and np.median(values[-10:]) >= f:
            return f
    return 0


def ceiling_of(values, ceiling):
    """Where the loss chart ends: it may cut off a tenth of the curve, but not its end; it shrinks late."""
    values = values[np.abs(values) < LARGEST]
    if not len(values):
        return 0
    high = 1.1 * max(np.quantile(values, 0.9), np.median(values[-10:]))
    return ceiling if round_up(high) <= ceiling <= round_up(1.3 * high) else round_up(high)


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
