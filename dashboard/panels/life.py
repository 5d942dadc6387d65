"""Panels that show the life of a digit: what the network took it for, test after test."""

import numpy as np

from dashboard.panels import pixels
from dashboard.panels.bars import Probabilities
from dashboard.panels.charts import Chart, last_iteration
from dashboard.panels.mosaics import OTHER_DIGITS, Picture
from dashboard.panels.panel import FOOT_ROOM, SIDE, TITLE_ROOM, Key
from dashboard.panels.style import FAINT, INK, TEST

MOST_WORDS = 5  # changes that are named


class Digit(Picture):
    """Large, as it is."""

    key = "i"
    shows = frozenset({"digit"})
    keys = (
        Key(("up",), "the digit before", lambda panel, look: panel.step(look, -1), "before"),
        Key(("down",), "the next digit", lambda panel, look: panel.step(look, 1), "next"),
    )

    def step(self, look, by):
        return look._replace(digit=look.digit and look.digit.sibling(by))

    def picture(self, run, look, columns, rows, side):
        digit = look.digit
        if not digit:
            self.note.set_text("click a digit in 3, 6 or m")
            return pixels.sheet(np.zeros((1, 1)), side)
        kind = f"test digit {digit.index:,}" if digit.test else "training digit"
        self.heading.set_text(f"A {digit.right}, {kind}")
        self.note.set_text("up, down: the digits beside it")
        return pixels.sheet(digit.image, side)


class Answer(Probabilities):
    """What the network says of it now."""

    title = "What it says now"
    shows = frozenset({"train", "test", "digit"})

    def digit(self, run, look):
        return look.digit.image if look.digit else np.zeros(run.shape[:2], np.float32)


class Life(Chart):
    """Its answers over the iterations: right ones dark, wrong ones red."""

    title = "What it was taken for"
    shows = frozenset({"train", "test", "digit"})
    margins = SIDE + 1.5, SIDE, FOOT_ROOM, TITLE_ROOM

    def make(self):
        super().make()
        self.axes.locator_params(axis="y", nbins=20, integer=True)
        style = {"linestyle": "", "marker": "o", "animated": True}
        self.line = self.axes.plot([], [], color=FAINT, linewidth=1, drawstyle="steps-post", animated=True)[0]
        self.right = self.axes.plot([], [], color=INK, markersize=5, **style)[0]
        self.wrong = self.axes.plot([], [], color=TEST, markersize=5, **style)[0]
        self.artists = [self.line, self.right, self.wrong, self.moment]
        self.asked, self.answers = None, {}  # digits of a batch; of each, (iteration, answer) since its click

    def limits(self, run, look, now):
        return 0, last_iteration(run), -0.5, run.classes - 0.5

    def update(self, run, look):
        super().update(run, look)
        i, given = np.array(self.life(run, look.digit), int).reshape(-1, 2).T
        is_right = given == (look.digit.right if look.digit else -1)
        self.line.set_data(i, given)
        self.right.set_data(i[is_right], given[is_right])
        self.wrong.set_data(i[~is_right], given[~is_right])
        forgotten = look.digit and look.digit.test and not len(i)
        self.note.set_text(OTHER_DIGITS if forgotten else changes(i, is_right))

    def life(self, run, digit):
        """What the digit was taken for, [(iteration, answer), ...].

        No test tells about a training digit, so the network is asked, from now on.
        """
        if not digit:
            return []
        if digit.test:
            return [(test.i, test.answers.given[digit.index]) for test in run.tests_like(digit.test)]
        if self.asked is not digit.digits:
            self.asked, self.answers = digit.digits, {}
        known = self.answers.setdefault(digit.k, [])
        while known and known[-1][0] > run.iteration:
            known.pop()  # of a future that was left
        if self.handles.networks and (not known or known[-1][0] != run.iteration):
            *_, Y = self.handles.layers(digit.image[np.newaxis], run.shape[2])
            known.append((run.iteration, int(np.argmax(Y))))
        return known


def changes(iterations, is_right):
    """When it was learned and forgotten, in words."""
    words, known = [], False
    for i, now in zip(iterations, is_right):
        if now != known:
            words.append(f"{'learned' if now else 'forgotten'} at {i:,}")
            known = now
    if len(words) > MOST_WORDS:
        words = [words[0], f"... {len(words) - MOST_WORDS + 1} changes ...", *words[2 - MOST_WORDS :]]
    return " · ".join(words) if words or not len(iterations) else "never right so far"
