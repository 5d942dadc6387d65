"""Panels that are made of pixels, and the digits of the training and the test."""

import math

import numpy as np

from dashboard.panels import pixels
from dashboard.panels.limits import scale_marks
from dashboard.panels.panel import FOOT_ROOM, SIDE, TITLE_ROOM, Panel
from dashboard.panels.style import INK
from dashboard.run.answers import NO_DIGITS, wrong_first
from dashboard.run.look import Chosen
from dashboard.run.updates import TRAINING_DIGITS

WIDEST = 4000  # pixels: how wide a picture may be, zoomed in
MOST_TESTED = 1000  # test digits
TESTED_ACROSS = 10, 20, 25, 40, 50, 100  # marks beside them have few digits
OTHER_DIGITS = "each test has had other digits: nothing can be told from test to test"


class Picture(Panel):
    """Cells in columns and rows, drawn pixel by pixel."""

    def make(self):
        self.style_axes()
        blank = np.full((1, 1, 3), 255, np.uint8)
        style = {"animated": True, "mouseover": False}  # the toolbar does not show the colours
        self.image = self.axes.imshow(blank, interpolation="nearest", aspect="auto", **style)
        self.axes.set(xticks=[], yticks=[])
        self.axes.format_coord = lambda x, y: ""  # nor where the mouse is
        self.whole = True  # nobody has zoomed in

    def grid(self, run, look):
        return 1, 1

    def limits(self, run, look, now):
        columns, rows, *_ = self.grid(run, look)
        return 0, columns, rows, 0

    def update(self, run, look):
        columns, rows, *_ = self.grid(run, look)
        side = self.axes.bbox.width / abs(np.ptp(self.axes.get_xlim()))  # zoomed in: more pixels
        side = int(np.clip(round(side), 1, max(1, WIDEST // columns)))
        self.show(self.picture(run, look, columns, rows, side), columns, rows)

    def show(self, picture, columns, rows):
        self.image.set(data=picture, extent=(0, columns, rows, 0))
        self.whole = self.axes.get_xlim() == (0, columns)

    def draw(self):
        if self.whole:  # matplotlib's own way, which fits pictures to axes, takes ten times as long
            renderer = self.axes.figure.canvas.get_renderer()
            context = renderer.new_gc()
            renderer.draw_image(context, *self.axes.bbox.min, self.image.get_array()[::-1])
            context.restore()
        else:
            self.axes.draw_artist(self.image)
        super().draw()


class Mosaic(Picture):
    """Some of the digits of an update, `digits(run, look, most)`; a click opens the life of one."""

    def picture(self, run, look, columns, rows, side):
        return pixels.mosaic(self.digits(run, look, columns * rows), columns, rows, side)

    def press(self, x, y, button, run, look):
        columns, rows, *_ = self.grid(run, look)
        digits, k = self.digits(run, look, columns * rows), math.floor(y) * columns + math.floor(x)
        if not 0 <= k < len(digits.images):
            return look
        test = look.at(run).test if "test" in self.shows else None  # else they are training digits
        return look._replace(view="i", digit=Chosen(digits, k, test))


class TrainingDigits(Mosaic):
    key, title = "3", "Training digits"
    caption = "wrong ones first: right answer left, network's right; click one"
    shows = frozenset({"train"})

    def digits(self, run, look, most):
        train = look.at(run).train
        return train.snapshot.digits if train else NO_DIGITS

    def grid(self, run, look):
        train = look.at(run).train
        return best_grid(len(train.snapshot.stored.images) if train else TRAINING_DIGITS, self.shape)

    def update(self, run, look):
        super().update(run, look)
        if train := look.at(run).train:
            total = train.snapshot.stored.total
            self.aside.set_text(f"{round((1 - train.accuracy) * total):,} of {total:,} wrong")


class TestDigits(Mosaic):
    key, title = "6", "Test digits"
    caption = "wrong ones first: the tint ends at the accuracy; click one for its life"
    margins = SIDE, SIDE + 2.7, FOOT_ROOM, TITLE_ROOM
    numbered = ("right",)
    shows = frozenset({"test"})

    def digits(self, run, look, most):
        test = look.at(run).test
        return wrong_first(test.answers, most) if test else NO_DIGITS

    def grid(self, run, look):
        test = look.at(run).test
        total = len(test.answers.right) if test else 10 * MOST_TESTED
        return *best_grid(min(MOST_TESTED, total), self.shape, TESTED_ACROSS), total

    def update(self, run, look):
        super().update(run, look)
        test = look.at(run).test
        kept = test is None or test.answers.X is not None
        self.write_labels([] if kept else [(0, 0, OTHER_DIGITS, INK, "normal")], va="top")
        self.aside.set_text(test.answers.score if test else "")

    def arrange(self, letter, cell, run, look):
        super().arrange(letter, cell, run, look)
        marks, limits = scale_marks(*self.grid(run, look)), self.axes.get_ylim()
        self.axes.set_yticks(list(marks), [f"{100 * share:.4g} %" for share in marks.values()])
        self.axes.set_ylim(limits)  # which `set_yticks` has made larger


def best_grid(n, shape, across=None):
    """Columns and rows of the largest squares of which n fit a room `shape` times as wide as high."""
    grids = [(columns, math.ceil(n / columns)) for columns in across or range(1, n + 1)]
    return max(grids, key=lambda grid: min(shape / grid[0], 1 / grid[1]))
