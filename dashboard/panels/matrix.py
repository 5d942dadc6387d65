"""Panels of the confusion matrix: which digits are taken for which."""

import math

import numpy as np

from dashboard.panels import pixels
from dashboard.panels.mosaics import OTHER_DIGITS, Mosaic, Picture
from dashboard.panels.panel import FOOT_ROOM, SIDE, TITLE_ROOM, Key
from dashboard.panels.style import INK, PAPER
from dashboard.run import answers

# digits across: only these, so that digits do not keep changing size
CELL_GRIDS = 6, 8, 10, 13, 16, 20, 26, 34
RIGHT = -0.12  # the colour of right answers, a grey
DARKEST_UNDER_DARK = 0.65  # numbers on darker cells are white
MOST_NUMBERED = 20  # classes: in more, numbers would not fit in their cells


class Confusion(Picture):
    key, title = "m", "Confusion matrix: the right answers down, the network's across"
    margins = SIDE + 1.5, SIDE, FOOT_ROOM, TITLE_ROOM + 1.4
    numbered = "top", "left"
    shows = frozenset({"test", "cell"})

    def grid(self, run, look):
        return run.classes, run.classes

    def arrange(self, letter, cell, run, look):
        super().arrange(letter, cell, run, look)
        classes = range(0, run.classes, math.ceil(run.classes / MOST_NUMBERED))
        self.axes.set_xticks([k + 0.5 for k in classes], classes)
        self.axes.set_yticks([k + 0.5 for k in classes], classes)

    def picture(self, run, look, columns, rows, side):
        test = look.at(run).test
        if not test or test.answers.classes != columns:
            return pixels.tiles(np.zeros((columns * rows, 1, 1)), columns, rows, side)
        counts = answers.confusion(test.answers)
        worst, wrong = answers.worst_pairs(counts), answers.wrong_only(counts)
        shades = np.where(np.eye(columns), RIGHT, wrong / (wrong.max() or 1))
        self.write_labels([
            (k % columns + 0.48, k // columns + 0.5, f"{count}",
             PAPER if shade > DARKEST_UNDER_DARK else INK,
             "bold" if divmod(k, columns) in worst else "normal")
            for k, (count, shade) in enumerate(zip(counts.ravel(), shades.ravel()))
            if count and columns <= MOST_NUMBERED
        ], ha="center", va="center")  # fmt: skip
        named = (f"{right} as {given} ({counts[right, given]})" for right, given in worst)
        self.note.set_text(f"most often: {', '.join(named)}")
        right, given = look.cell_of(test)
        chosen = right * columns + given
        return pixels.tiles(shades.reshape(-1, 1, 1), columns, rows, side, chosen, pixels.COUNTS)

    def press(self, x, y, button, run, look):
        cell = math.floor(y), math.floor(x)
        inside = look.at(run).test and all(0 <= k < run.classes for k in cell)
        return look._replace(cell=cell) if inside else look


class Cell(Mosaic):
    """The digits in a cell of the confusion matrix, or those whose answers change most."""

    caption = "click one for its life"
    margins = SIDE, SIDE, FOOT_ROOM, TITLE_ROOM + 1.4
    shows = frozenset({"test", "cell", "shows_changeable"})

    def switch(self, look):
        return look._replace(shows_changeable=not look.shows_changeable)

    keys = (
        Key(
            ("v",), "digits whose answers change most; and back", switch, "most changed",
            lambda panel, look: look.shows_changeable,
        ),
    )  # fmt: skip

    def digits(self, run, look, most):
        test = look.at(run).test
        if not test:
            return answers.NO_DIGITS
        if look.shows_changeable:
            return answers.changeable_digits(run.tests_like(run.newest.test), most)
        return answers.digits_in_cell(test.answers, look.cell_of(test), most)

    def grid(self, run, look):
        total = self.digits(run, look, 0).total
        across = next((across for across in CELL_GRIDS if across**2 >= total), CELL_GRIDS[-1])
        return across, across

    def picture(self, run, look, columns, rows, side):
        digits, test = self.digits(run, look, columns * rows), look.at(run).test
        if look.shows_changeable:
            words = f"{digits.total:,} have changed their answers: most often first"
            comparable = len(run.tests()) == len(run.tests_like(run.newest.test))
            self.heading.set_text(words if comparable else OTHER_DIGITS)
        elif test:
            right, given = look.cell_of(test)
            counts = answers.confusion(test.answers)[right]
            self.heading.set_text(f"{right} read as {given}: {counts[given]:,} of {counts.sum():,}")
        return pixels.mosaic(digits, columns, rows, side)
