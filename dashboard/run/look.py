"""Where the learner looks. Whatever the learner does makes another look; a panel shows a run and a look."""

import bisect
from typing import NamedTuple

from dashboard.run.answers import Digits, confusion, worst_pairs
from dashboard.run.handwriting import Handwriting
from dashboard.run.updates import Moment, TestUpdate


class Chosen(NamedTuple):
    """The digit whose life is looked at, and those beside it."""

    digits: Digits
    k: int  # which of them
    test: TestUpdate | None  # in which it was clicked; None for a training digit

    @property
    def image(self):
        return self.digits.images[self.k]

    @property
    def right(self):
        return int(self.digits.right[self.k])

    @property
    def index(self):
        """Among all digits of its update."""
        return int(self.digits.indices[self.k])

    def sibling(self, by):
        return self._replace(k=(self.k + by) % len(self.digits.images))


class Look(NamedTuple):
    view: str = "0"  # its key
    moment: Moment | None = None  # back in time; None: the newest
    pad: Handwriting = Handwriting()
    asks: bool = False  # for the right answer of the digit on the pad, which is to be taught
    digit: Chosen | None = None
    cell: tuple[int, int] | None = None  # of the confusion matrix: right answer, given answer
    shows_changeable: bool = False  # in the place of that cell
    neuron: tuple[int, int] | None = None  # its layer, its index

    def at(self, run):
        """The moment that is looked at."""
        return self.moment or run.newest

    def step(self, run, by):
        """The moment `by` later; the same look if there is none."""
        now, moments = self.at(run), run.moments
        later = bisect.bisect_left([moment.iteration for moment in moments], now.iteration)  # if it is gone
        k = next((k for k, moment in enumerate(moments) if moment is now), later) + by
        return self.go(run, moments[k]) if 0 <= k < len(moments) else self

    def nearest(self, run, iteration):
        if not run.moments:
            return self
        return self.go(run, min(run.moments, key=lambda moment: abs(moment.measured_at - iteration)))

    def first(self, run):
        return self.go(run, run.moments[0]) if run.moments else self

    def newest(self):
        return self._replace(moment=None) if self.moment else self

    def go(self, run, moment):
        return self._replace(moment=None if moment is run.newest else moment)

    def network(self, run):
        """The network of that moment, or one near it; None: as it is now."""
        return run.network_near(self.moment.measured_at) if self.moment else None

    def network_input(self, run):
        """What a network gets of the digit on the pad."""
        return self.pad.network_input(self.at(run).test, *run.shape[:2])

    def cell_of(self, test):
        """The cell of the confusion matrix that was clicked, or the worst."""
        worst = worst_pairs(confusion(test.answers), 1) if test else []
        return self.cell or (worst[0] if worst else (0, 0))
