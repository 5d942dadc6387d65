"""What a program shows of its training: updates, made once and never changed, and moments of a run."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from dashboard.run import answers, past, weights
from dashboard.run.images import as_bytes, as_images

TRAINING_DIGITS = 100  # that are kept of a batch, at most


@dataclass(frozen=True, eq=False)
class TrainUpdate:
    """The next batch as the network answers it, and what the network knows by now."""

    i: int
    accuracy: float
    loss: float
    rate: float  # of learning; NaN if the program does not tell
    snapshot: "Snapshot | None" = None  # None where nothing is drawn


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What is drawn of a training update: copies, because training goes on."""

    weights: np.ndarray  # edges of the seven bands
    biases: np.ndarray
    stored: answers.Digits  # with images as bytes
    shape: tuple[int, int, int]
    classes: int
    first_layer: weights.FirstLayer | None
    steps: np.ndarray  # how far an iteration moves each layer's weights, in proportion to their size

    @property
    def digits(self):
        return self.stored._replace(images=as_images(self.stored.images))


def take_snapshot(found, weight_arrays, bias_arrays, steps, taught=0, before=None):
    """Of the answers to a batch, and the variables; `before` is the update that came before."""
    digits = answers.wrong_first(found, TRAINING_DIGITS)
    shown = before and before.snapshot and before.snapshot.first_layer
    stored = digits._replace(images=as_bytes(digits.images), taught=taught)
    edges = weights.band_edges(weight_arrays, "weights"), weights.band_edges(bias_arrays, "biases")
    layer = weights.first_layer(weight_arrays, bias_arrays, found.shape, shown)
    return Snapshot(*edges, stored, found.shape, found.classes, layer, steps)


@dataclass(frozen=True, eq=False)
class TestUpdate:
    """All test digits as the network answers them."""

    i: int
    answers: answers.Answers
    loss: float
    gradients: np.ndarray | None = None  # how large each layer's gradient is, if it was asked for

    @property
    def accuracy(self):
        return self.answers.accuracy

    @classmethod
    def of(cls, i, found, loss, before=None, gradients=None):
        """The arrays of the test before, where they are equal: they are kept once."""
        if before:
            X, right = before.answers.X, before.answers.right
            X = X if X is found.X or same(X, found.X) else found.X
            right = right if np.array_equal(right, found.right) else found.right
            found = found._replace(X=X, right=right)
        return cls(i, found, loss, gradients)

    def without_images(self):
        return replace(self, answers=self.answers._replace(X=None))


def same(a, b):
    """Equal arrays; NaN is equal to itself."""
    return a is not None and a.shape == b.shape and bool(np.all((a == b) | ((a != a) & (b != b))))


class Moment(NamedTuple):
    """The run after a call of training_step: the latest updates, the newest or older ones."""

    iteration: int  # how many there have been
    train: TrainUpdate | None = None
    test: TestUpdate | None = None
    factor: float = 1.0  # of the learning rate, by the learner's hand, when the call began
    network: past.Network | None = None  # that the test is about; the run keeps some of them

    @property
    def measured_at(self):
        """The iteration of the latest values, which may be less than what has been trained since."""
        return max((update.i for update in (self.train, self.test) if update), default=self.iteration)
