"""Images as arrays of brightness, from 0, paper, to 1, ink."""

import math

import numpy as np

SHAPE = 28, 28, 1  # height, width and channels of MNIST's images


def shape_of(X):
    """Height, width and channels of images in any of the forms that `as_images` takes, or None."""
    if X.ndim == 2 and math.isqrt(X.shape[1]) ** 2 == X.shape[1]:
        return math.isqrt(X.shape[1]), math.isqrt(X.shape[1]), 1
    return {3: (*X.shape[1:], 1), 4: X.shape[1:]}.get(X.ndim)


def as_float(X):
    """Bytes as brightness."""
    return X / np.float32(255) if X.dtype == np.uint8 else X


def as_images(X):
    """Brightness [n, height, width] of images with channels, or of rows with the pixels of a square."""
    X = as_float(X).reshape(-1, *shape_of(X))
    return X[..., 0] if X.shape[3] == 1 else X.mean(axis=3)


def as_bytes(images):
    """Brightness 0..255: a quarter of the memory."""
    return np.rint(255 * np.clip(np.nan_to_num(images), 0, 1)).astype(np.uint8)


def resize(images, height, width):
    """Images [..., h, w] -> [..., height, width]."""
    h, w = images.shape[-2:]
    if height >= 2 * h and width >= 2 * w:  # pixels may just become larger, which is faster
        return images[..., np.arange(height)[:, None] * h // height, np.arange(width) * w // width]
    return coverage(h, height) @ images @ coverage(w, width).T


def coverage(n, m):
    """A matrix [m, n]: each of m pixels is the mean of the part of n pixels that it covers."""
    edges = np.arange(m + 1) * n / m
    low, high = edges[:-1, None], edges[1:, None]
    cover = np.clip(np.minimum(high, np.arange(n) + 1) - np.maximum(low, np.arange(n)), 0, None)
    return (cover * m / n).astype(np.float32)
