"""What moves each layer's weights, and how far: the size of their gradient, and of a step."""

import sys
import time

import numpy as np

from dashboard.run import past
from dashboard.run.images import as_float

SAMPLE = 1000  # test digits of which the gradient is taken
SECONDS, SHARE = 0.5, 0.015  # that this may take: half a second, and 1.5 % of the time of the run


class GradientSizes:
    """How large the gradient of each layer's weights is; in a slow network not at each test."""

    def __init__(self, gradient, state=()):
        self.gradient, self.state = gradient, state
        self.began, self.spent = None, 0.0  # seconds

    def of(self, X, Y_, shape):
        """The root mean square of each array that `gradient` gives, but not of those for biases; or None."""
        now = time.perf_counter()
        if not self.gradient or (self.began and self.spent > SECONDS + SHARE * (now - self.began)):
            return None
        images = as_float(np.asarray(X[:SAMPLE])).reshape(-1, *shape)
        network = past.copy_of(0, self.state)
        try:
            arrays = self.gradient(images.astype(np.float32), np.asarray(Y_[:SAMPLE], np.float32))
            arrays = [np.asarray(array) for array in arrays]
            found = np.array([size(array) for array in arrays if array.ndim > 1])  # biases are vectors
        except Exception as error:  # it costs a chart, not the run
            print(f"gradient(X, Y_) failed, and is asked no more: {error}", file=sys.stderr)
            self.gradient = None
            return None
        finally:
            if network:
                past.put_back(network, self.state)  # the running means of batch normalisation may have moved
        if self.began:
            self.spent += time.perf_counter() - now
        self.began = self.began or time.perf_counter()  # the first time, TensorFlow compiles
        return found


def size(array):
    """Its root mean square."""
    with np.errstate(all="ignore"):  # a network that is lost
        return np.sqrt(np.mean(np.square(array)))


class StepSizes:
    """How far training moves the weights; those of the update before are kept."""

    def __init__(self):
        self.i, self.weights = 0, []

    def to(self, i, weights):
        """How far an iteration has moved a weight of each layer, in proportion to its size: the mean over
        those since the update before.
        """
        before, self.weights = self.weights, [np.array(W) for W in weights]
        n, self.i = i - self.i, i
        if n <= 0 or [W.shape for W in before] != [W.shape for W in self.weights]:
            return np.full(len(weights), np.nan)
        with np.errstate(all="ignore"):  # all weights may be 0
            return np.array([size(W - V) / size(W) / n for V, W in zip(before, self.weights)])
