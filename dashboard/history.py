"""The moments of a run that one can go back to."""

from typing import Any, NamedTuple

import numpy as np

MOST_MOMENTS = 600  # of up to 200 kB: the older, the fewer


class Moment(NamedTuple):
    iteration: int
    train: Any  # updates of the record
    test: Any


class History:
    def __init__(self):
        self.moments = []  # oldest first, the newest too
        self.newest = None  # the same as the last one, not compact
        self.position = -1  # of the one that is looked at

    def __len__(self):
        return len(self.moments)

    @property
    def is_past(self):
        return self.position < len(self) - 1

    def add(self, iteration, train, test):
        before = self.newest or Moment(iteration, None, None)
        self.newest = Moment(iteration, train, test)
        last = self.moments[-1] if self.moments else before
        self.moments.append(Moment(
            iteration,
            last.train if train is before.train else train.compact(),
            last.test if test is before.test else test.compact(),
        ))  # fmt: skip
        if len(self) > MOST_MOMENTS:
            del self.moments[1 : len(self) // 2 : 2]  # every second one of the older half
        self.position = len(self) - 1

    def go_to(self, position):
        """The moment there, or None."""
        position = min(max(position, 0), len(self) - 1) if position != len(self) else -1
        if position < 0 or position == self.position:
            return None
        self.position = position
        return self.moments[position] if self.is_past else self.newest

    def tests(self):
        """The tests, oldest first."""
        return list({id(moment.test): moment.test for moment in self.moments if moment.test}.values())

    def answers(self, number):
        """Iterations, and what the test digit of this number was taken for."""
        tests = [t for t in self.tests() if number < len(t.answers.given)]
        return np.array([t.i for t in tests]), np.array([t.answers.given[number] for t in tests])

    def changes(self):
        """How often each test digit's answer has changed."""
        given = [test.answers.given for test in self.tests()]
        given = [answers for answers in given if len(answers) == len(given[-1])]
        return sum((a != b).astype(int) for a, b in zip(given, given[1:])) if len(given) > 1 else np.zeros(0)
