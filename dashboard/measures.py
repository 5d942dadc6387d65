"""Arrays in, numbers out: what is computed from a network's answers and weights, and where a chart ends."""

import math
from typing import NamedTuple

import numpy as np

SIDE = 28  # pixels of an image that comes as a row of 784
EDGES = np.linspace(0, 1, 8)  # of the seven bands: a seventh of all values in each
FLOORS = 0.9, 0.8, 0.5  # where the accuracy chart may start


class Digits(NamedTuple):
    """Some of the digits of an update."""

    images: np.ndarray  # [n, height, width]
    right: np.ndarray  # [n], the right answers
    given: np.ndarray  # [n], the network's
    total: int  # how many there are, of which these are the first
    numbers: np.ndarray  # [n], their places among all


NO_DIGITS = Digits(np.zeros((0, 1, 1)), *np.zeros((2, 0), int), 0, np.zeros(0, int))


class Answers(NamedTuple):
    """Images, the right answers and the network's."""

    X: np.ndarray
    right: np.ndarray  # [n]
    given: np.ndarray  # [n]
    classes: int
    accuracy: float  # the share of right ones


class FirstLayer(NamedTuple):
    """The weights of a first layer as images, one for each neuron or patch."""

    weights: np.ndarray  # [n, height, width]
    biases: np.ndarray  # [n]
    convolution: bool


class Series:
    """Rows of numbers, each with its iteration, in an array that doubles when it is full."""

    def __init__(self, width):
        self.length, self.rows = 0, np.empty((64, 1 + width))

    def add(self, i, *values):
        if self.length == len(self.rows):
            self.rows = np.concatenate([self.rows, np.empty_like(self.rows)])
        self.rows[self.length] = i, *values
        self.length += 1

    @property
    def x(self):
        return self.rows[: self.length, 0]

    @property
    def y(self):
        return self.rows[: self.length, 1:]


# ---------------------------------------------------------------------------------------------------- digits


def answers(X, Y_, Y):
    """Of images X, one-hot answers Y_ [n, classes] and probabilities Y [n, classes], if their shapes fit."""
    X, Y_, Y = np.asarray(X), np.asarray(Y_), np.asarray(Y)
    square = X.ndim == 2 and math.isqrt(X.shape[1]) ** 2 == X.shape[1]
    if 0 in X.shape or not (square or X.ndim in (3, 4)):
        raise ValueError(
            f"X: images [n, height, width, channels] or [n, pixels] are needed, not {[*X.shape]}."
        )
    if Y_.ndim != 2 or len(Y_) != len(X):
        raise ValueError(f"Y_: one-hot answers [{len(X)}, classes] are needed, not {[*Y_.shape]}.")
    if Y.shape != Y_.shape:
        raise ValueError(f"Y: probabilities {[*Y_.shape]} are needed, as in Y_, not {[*Y.shape]}.")
    right, given = np.argmax(Y_, axis=1), np.argmax(Y, axis=1)
    return Answers(X, right, given, Y.shape[1], np.mean(right == given))


def as_images(X):
    """Brightness 0..1 [n, height, width], of images with channels or of rows of a square's pixels."""
    if X.dtype == np.uint8:
        X = X / np.float32(255)
    if X.ndim == 2:
        side = math.isqrt(X.shape[1])
        return X.reshape(-1, side, side)
    return X if X.ndim == 3 else X[..., 0] if X.shape[3] == 1 else X.mean(axis=3)


def wrong_first(answers, most):
    """The first `most` digits, wrong ones before right ones."""
    order = np.argsort(answers.right == answers.given, kind="stable")[:most]
    return some_digits(answers, order, len(answers.right))


def some_digits(answers, numbers, total):
    """Those of these numbers."""
    right, given = answers.right[numbers], answers.given[numbers]
    return Digits(as_images(answers.X[numbers]), right, given, total, numbers)


def confusion(right, given, classes):
    """How many digits of each class, in rows, got each answer, in columns."""
    return np.bincount(right * classes + given, minlength=classes**2).reshape(classes, classes)


def wrong_only(matrix):
    """A confusion matrix without its diagonal."""
    return matrix * (1 - np.eye(len(matrix), dtype=int))


def worst_pairs(matrix, most):
    """The cells with the most wrong answers, [(right, given), ...]."""
    wrong = wrong_only(matrix)
    order = np.argsort(-wrong, axis=None, kind="stable")[:most]
    pairs = [divmod(int(k), len(matrix)) for k in order]
    return [pair for pair in pairs if wrong[pair]]


# --------------------------------------------------------------------------------------------------- weights


def percentiles(arrays, name):
    """The edges of the seven bands that hold a seventh of all the numbers each; NaN if one is no number."""
    try:
        values = np.concatenate([np.ravel(array) for array in arrays])
    except (TypeError, ValueError):
        values = np.empty(0)
    if not len(values):
        raise ValueError(f"{name}: a list of arrays is needed, one for each layer.")
    return np.quantile(values, EDGES) if np.isfinite(values).all() else np.full(len(EDGES), np.nan)


def first_layer(weights, biases):
    """A copy of the first layer, if its weights are [784, n], or [h, w, 1, n] of a convolution."""
    W, B = np.asarray(weights[0]), np.asarray(biases[0])
    convolution = W.ndim == 4 and W.shape[2] == 1
    if not convolution and (W.ndim != 2 or len(W) != SIDE**2) or not W.size:
        return None
    n, sides = W.shape[-1], W.shape[:2] if convolution else (SIDE, SIDE)
    B = B.copy() if B.shape == (n,) else np.zeros(n)
    return FirstLayer(W.copy().reshape(-1, n).T.reshape(n, *sides), B, convolution)


def responses(layer, picture):
    """What the layer makes of a picture [28, 28]: weight times pixel, or relu(convolution + bias)."""
    if not layer.convolution:
        return layer.weights * picture
    h, w = layer.weights.shape[1:]
    margins = ((h - 1) // 2, h // 2), ((w - 1) // 2, w // 2)  # padding "SAME"
    patches = np.lib.stride_tricks.sliding_window_view(np.pad(picture, margins), (h, w))
    return np.maximum(0, np.einsum("ijhw,nhw->nij", patches, layer.weights) + layer.biases[:, None, None])


def strongest(images, most):
    """The numbers of those with the largest norms, in the order in which they come."""
    norms = np.nan_to_num(np.square(images).sum(axis=(1, 2)))
    return sorted(np.argsort(-norms, kind="stable")[:most].tolist())


def keep_places(before, now):
    """`now` in an order in which those of `before` keep their places."""
    if len(before) != len(now):
        return now
    new = [k for k in now if k not in before]
    return [k if k in now else new.pop(0) for k in before]


# ---------------------------------------------------------------------------------------------------- charts


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
    values = values[np.isfinite(values)]
    if not len(values):
        return 0
    high = 1.1 * max(np.quantile(values, 0.9), np.median(values[-10:]))
    return ceiling if round_up(high) <= ceiling <= round_up(1.3 * high) else round_up(high)


def nearest(x, value):
    """The number of the nearest one in ascending numbers."""
    k = int(np.searchsorted(x, value))
    return k if k == 0 or (k < len(x) and x[k] - value <= value - x[k - 1]) else k - 1


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
