"""Weights and biases in numbers: the bands that hold a seventh of them each, and the first layer."""

from typing import NamedTuple

import numpy as np

EDGES = np.linspace(0, 1, 8)  # of the seven bands
MOST_SORTED = 20_000  # of more numbers, the edges between bands are those of a random sample
NEURONS = 30  # of the first layer that are shown, at most


def band_edges(arrays, name):
    """The edges of the seven bands that hold a seventh of all the numbers each; NaN if one is no number."""
    try:
        values = np.concatenate([np.ravel(array) for array in arrays])
    except (TypeError, ValueError):
        values = np.empty(0)
    if not len(values):
        raise ValueError(f"{name}: a list of arrays is needed, one for each layer.")
    if not np.isfinite(values).all():
        return np.full(len(EDGES), np.nan)
    ends = values.min(), values.max()
    if len(values) > MOST_SORTED:  # all 243,824 of 3.1 take 9 ms, nearly as long as an iteration
        values = values[np.random.default_rng(0).integers(len(values), size=MOST_SORTED)]
    values.sort()
    edges = np.interp(EDGES * (len(values) - 1), np.arange(len(values)), values)
    edges[[0, -1]] = ends
    return edges


class FirstLayer(NamedTuple):
    """The weights of a first layer as images: those with the largest weights of all neurons or patches."""

    weights: np.ndarray  # [n, height, width]
    biases: np.ndarray  # [n]
    convolution: bool
    neurons: list[int]  # their indices


def first_layer(weights, biases, shape, before=None):
    """A copy of the first layer, if its weights are [pixels, n], or [h, w, 1, n] of a convolution.

    `before` is the layer that is shown now: neurons that stay keep their places.
    """
    W, B = np.asarray(weights[0]), np.asarray(biases[0])
    height, width, channels = shape
    convolution = W.ndim == 4 and W.shape[2] == 1
    dense = W.ndim == 2 and len(W) == height * width and channels == 1
    if not W.size or not (convolution or dense):
        return None
    n, sides = W.shape[-1], W.shape[:2] if convolution else (height, width)
    images = W.reshape(-1, n).T.reshape(n, *sides)
    k = keep_places(before.neurons if before else [], strongest(images, NEURONS))
    biases = B[k] if B.shape == (n,) else np.zeros(len(k))
    return FirstLayer(images[k], biases, convolution, k)


def strongest(images, most):
    """The indices of those with the largest norms, in the order in which they come."""
    norms = np.nan_to_num(np.square(images).sum(axis=(1, 2)))
    return sorted(np.argsort(-norms, kind="stable")[:most].tolist())


def keep_places(before, now):
    """`now` in an order in which those of `before` keep their places."""
    if len(before) != len(now):
        return now
    new = [k for k in now if k not in before]
    return [k if k in now else new.pop(0) for k in before]


def responses(layer, picture):
    """What the layer makes of a picture: weight times pixel, or relu(convolution + bias)."""
    if not layer.convolution:
        return layer.weights * picture
    h, w = layer.weights.shape[1:]
    margins = ((h - 1) // 2, h // 2), ((w - 1) // 2, w // 2)  # padding "SAME"
    patches = np.lib.stride_tricks.sliding_window_view(np.pad(picture, margins), (h, w))
    return np.maximum(0, np.einsum("ijhw,nhw->nij", patches, layer.weights) + layer.biases[:, None, None])
