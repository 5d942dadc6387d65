"""A network's answers: which are right, which digits are confused, and how answers change in a run."""

from typing import NamedTuple

import numpy as np

from dashboard.run.images import as_images, shape_of


class Digits(NamedTuple):
    """Some of the digits of an update."""

    images: np.ndarray  # [n, height, width]
    right: np.ndarray  # [n], the right answers
    given: np.ndarray  # [n], the network's
    total: int  # how many there are, of which these are the first
    indices: np.ndarray  # [n], their places among all
    taught: int = 0  # how many of all are the learner's own: the first ones


NO_DIGITS = Digits(np.zeros((0, 1, 1)), *np.zeros((2, 0), int), 0, np.zeros(0, int))


class Answers(NamedTuple):
    """Images, the right answers and the network's."""

    X: np.ndarray | None  # None: no longer kept
    right: np.ndarray  # [n]
    given: np.ndarray  # [n]
    classes: int
    shape: tuple[int, int, int]  # height, width and channels of an image

    @property
    def accuracy(self):
        return np.mean(self.right == self.given)

    @property
    def score(self):
        """In words."""
        return f"{np.count_nonzero(self.right != self.given):,} of {len(self.right):,} wrong"


def read_answers(X, Y_, Y):
    """Of images X, one-hot answers Y_ [n, classes] and probabilities Y [n, classes], if their shapes fit."""
    X, Y_, Y = np.asarray(X), np.asarray(Y_), np.asarray(Y)
    shape = shape_of(X)
    if 0 in X.shape or not shape:
        needed = "images [n, height, width, channels] or [n, pixels]"
        raise ValueError(f"X: {needed} are needed, not {[*X.shape]}.")
    if Y_.ndim != 2 or len(Y_) != len(X):
        raise ValueError(f"Y_: one-hot answers [{len(X)}, classes] are needed, not {[*Y_.shape]}.")
    if Y.shape != Y_.shape:
        raise ValueError(f"Y: probabilities {[*Y_.shape]} are needed, as in Y_, not {[*Y.shape]}.")
    kind = np.min_scalar_type(Y.shape[1])  # thousands of answers are kept for each test
    right, given = (np.argmax(answers, axis=1).astype(kind) for answers in (Y_, Y))
    return Answers(X, right, given, Y.shape[1], shape)


def wrong_first(answers, most):
    """The first `most` digits, wrong ones before right ones."""
    order = np.argsort(answers.right == answers.given, kind="stable")[:most]
    return some_digits(answers, order, len(answers.right))


def some_digits(answers, indices, total):
    """The digits at these indices; none if their images are no longer kept."""
    if answers.X is None:
        return NO_DIGITS
    right, given = answers.right[indices], answers.given[indices]
    return Digits(as_images(answers.X[indices]), right, given, total, indices)


# ----------------------------------------------------------------------------------------- which are confused


def confusion(answers):
    """How many digits of each class, in rows, got each answer, in columns."""
    cells = answers.right.astype(int) * answers.classes + answers.given
    return np.bincount(cells, minlength=answers.classes**2).reshape(2 * [answers.classes])


def wrong_only(matrix):
    """A confusion matrix without its diagonal."""
    return matrix * (1 - np.eye(len(matrix), dtype=int))


def worst_pairs(matrix, most=3):
    """The cells with the most wrong answers, [(right, given), ...]."""
    wrong = wrong_only(matrix)
    order = np.argsort(-wrong, axis=None, kind="stable")[:most]
    pairs = [divmod(int(k), len(matrix)) for k in order]
    return [pair for pair in pairs if wrong[pair]]


def digits_in_cell(answers, cell, most):
    """Digits in a cell (right, given) of the confusion matrix."""
    indices = np.flatnonzero((answers.right == cell[0]) & (answers.given == cell[1]))
    return some_digits(answers, indices[:most], len(indices))


# -------------------------------------------------------------------------------------- how they have changed


def changeable_digits(tests, most):
    """The test digits whose answers have changed most often."""
    if len(tests) < 2:
        return NO_DIGITS
    given = [test.answers.given for test in tests]
    changes = sum((a != b).astype(int) for a, b in zip(given, given[1:]))
    order = np.argsort(-changes, kind="stable")[:most]
    return some_digits(tests[-1].answers, order[changes[order] > 0], np.count_nonzero(changes))
