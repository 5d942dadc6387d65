"""Panels that show the life of a digit: what the network took it for, test after test."""

import numpy as np

from dashboard import charts, measures, pictures
from dashboard.handles import layers_of
from dashboard.mosaics import Sheet
from dashboard.panel import BLUE, GREY, RED, Key

MOST_WORDS = 5  # changes that are named


class Digit(Sheet):
    """Large, as it is."""

    shows = frozenset({"selected"})
    keys = (
        Key(("up",), "the digit before", lambda panel: panel.record.select_sibling(-1)),
        Key(("down",), "the next digit", lambda panel: panel.record.select_sibling(1)),
    )

    def picture(self, columns, rows, side):
        digit = self.record.selected
        if not digit:
            self.note.set_text("click a digit in 3, 6 or m")
            return pictures.sheet(np.zeros((1, 1)), side)
        kind = "training digit" if digit.number is None else f"test digit {digit.number:,}"
        self.heading.set_text(f"i  A {digit.right}, {kind}")
        self.note.set_text("up, down: the digits beside it")
        return pictures.sheet(digit.image, side)


class Answer(charts.Probabilities):
    """What the network says of it now."""

    title = "What it says now"
    shows = frozenset({"train", "test", "selected"})

    def digit(self):
        digit = self.record.selected
        return digit.image if digit else np.zeros((measures.SIDE, measures.SIDE), np.float32)


class Life(charts.Chart):
    """Its answers over the iterations: right ones blue, wrong ones red."""

    title = "What it was taken for"
    shows = frozenset({"train", "test", "selected"})
    margins = 3.0, 1.8, 4.5, 2.0

    def make(self):
        super().make()
        self.axes.locator_params(axis="y", nbins=20, integer=True)
        style = {"linestyle": "", "marker": "o", "animated": True}
        self.line = self.axes.plot([], [], color=GREY, linewidth=1, drawstyle="steps-post", animated=True)[0]
        self.right = self.axes.plot([], [], color=BLUE, markersize=5, **style)[0]
        self.wrong = self.axes.plot([], [], color=RED, markersize=5, **style)[0]
        self.note = self.write("", 0, 0, 0, -2.2, 0.85, va="top", fixed=False)
        self.artists = [self.line, self.right, self.wrong, self.note]

    def limits(self, now):
        classes = self.record.last_test.answers.classes if self.record.last_test else 10
        return 0, self.last_iteration(), -0.5, classes - 0.5

    def update(self):
        self.ask_about_training_digit()
        i, given = self.record.life()
        self.line.set_data(i, given)
        is_right = given == self.record.selected.right if self.record.selected else given == given
        self.right.set_data(i[is_right], given[is_right])
        self.wrong.set_data(i[~is_right], given[~is_right])
        self.note.set_text(changes(i, is_right))
        self.show_moment()

    def ask_about_training_digit(self):
        """No test tells about it, so the network is asked, from now on."""
        digit, i = self.record.selected, self.record.newest_iteration
        if not digit or digit.number is not None or (digit.answers and digit.answers[-1][0] == i):
            return
        if self.handles.networks:
            *_, Y = layers_of(self.handles, digit.image[np.newaxis, ..., np.newaxis])
            digit.answers.append((i, int(np.argmax(Y))))


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
