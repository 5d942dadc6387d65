"""Panels of the confusion matrix: which digits are taken for which."""

import math

import numpy as np

from dashboard import measures, pictures
from dashboard.mosaics import Picture, select
from dashboard.panel import DARK, Key

# digits across: only these, so that digits do not keep changing size
CELL_GRIDS = 6, 8, 10, 13, 16, 20, 26, 34
RIGHT = -0.15  # the color of right answers, from -1, blue, to 1, red
DARKEST_UNDER_DARK = 0.65  # numbers on darker cells are white


class Confusion(Picture):
    title = "m  Confusion matrix: right answers down, the network's across"
    margins = 2.6, 1.0, 2.6, 3.2
    shows = frozenset({"test", "cell"})

    def make(self):
        super().make()
        self.axes.xaxis.tick_top()
        self.axes.yaxis.tick_left()
        self.axes.tick_params(length=0)

    def grid(self):
        classes = self.record.last_test.answers.classes if self.record.last_test else 10
        return classes, classes, classes**2

    def arrange(self, letter):
        super().arrange(letter)
        classes = range(self.grid()[0])
        self.axes.set_xticks([k + 0.5 for k in classes], classes)
        self.axes.set_yticks([k + 0.5 for k in classes], classes)

    def picture(self, columns, rows, side):
        test = self.record.last_test
        if not test:
            return pictures.tiles(np.zeros((columns * rows, 1, 1)), columns, rows, side)
        wrong = measures.wrong_only(test.confusion)
        shades = np.where(np.eye(columns), RIGHT, wrong / (wrong.max() or 1))
        self.write_labels([
            (k % columns + 0.48, k // columns + 0.5, f"{count}",
             "white" if shade > DARKEST_UNDER_DARK else DARK,
             "bold" if divmod(k, columns) in test.worst_pairs else "normal")
            for k, (count, shade) in enumerate(zip(test.confusion.ravel(), shades.ravel())) if count
        ], ha="center", va="center")  # fmt: skip
        worst = (f"{right} as {given} ({test.confusion[right, given]})" for right, given in test.worst_pairs)
        self.note.set_text(f"most often: {', '.join(worst)}")
        right, given = self.record.cell
        return pictures.tiles(shades.reshape(-1, 1, 1), columns, rows, side, right * columns + given)

    def press(self, x, y, button):
        self.record.choose(math.floor(y), math.floor(x))


class Cell(Picture):
    """The digits in a cell of the confusion matrix, or those whose answers change most."""

    shows = frozenset({"test", "cell"})
    keys = (Key(("v",), "digits whose answers change most; and back", lambda panel: panel.switch()),)
    changeable = False

    def switch(self):
        self.changeable = not self.changeable
        self.record.changed.add("cell")

    def digits(self, most):
        return self.record.changeable_digits(most) if self.changeable else self.record.cell_digits(most)

    def grid(self):
        total = self.digits(0).total
        across = next((across for across in CELL_GRIDS if across**2 >= total), CELL_GRIDS[-1])
        return across, across, total

    def picture(self, columns, rows, side):
        digits = self.digits(columns * rows)
        if self.changeable:
            self.heading.set_text(f"{digits.total:,} have changed their answers: most often first")
        elif test := self.record.last_test:
            right, given = self.record.cell
            share = f"{test.confusion[right, given]:,} of {test.confusion[right].sum():,}"
            self.heading.set_text(f"{right} read as {given}: {share}")
        return pictures.mosaic(digits, columns, rows, side)

    def press(self, x, y, button):
        columns, rows, _ = self.grid()
        return select(self.record, self.digits(columns * rows), self.grid(), x, y, True)
