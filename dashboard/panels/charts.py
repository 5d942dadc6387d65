"""Charts over the iterations: curves."""

import itertools
import math

import numpy as np

from dashboard.panels import limits, style
from dashboard.panels.panel import FOOT_ROOM, SIDE, TITLE_ROOM, Panel

LINE_WIDTHS = 0.07, 0.13, 0.17  # of each batch, of their mean, of the test, in ems
SMOOTHED = 25  # updates over which the training curve is averaged
MOST_POINTS = 1000  # of a curve that are drawn one by one: about the pixels across
SHORTEST_AXIS = 100  # iterations
LONGEST_NAME = 16  # letters at the end of a curve
LINE_HEIGHT = 1.4  # ems between names that would collide
LETTER = 0.5  # ems: the room for a letter of a mark
ACCURACIES = 0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 1  # that are marked


class Chart(Panel):
    """Something that changes over the iterations."""

    # at the right, names and values at the curves' ends
    margins = SIDE + 3.0, SIDE + 6.3, FOOT_ROOM, TITLE_ROOM

    def make(self):
        self.style_axes()
        self.axes.grid(axis="y", color=style.RULE, linewidth=1)
        self.axes.spines["bottom"].set(visible=True, color=style.FAINT)
        self.axes.xaxis.set_major_formatter("{x:,.0f}")
        self.axes.yaxis.set_major_formatter("{x:g}")
        self.axes.locator_params(nbins=5)
        self.moment = self.axes.axvline(0, color=style.INK, linewidth=1.2, visible=False, animated=True)
        self.ends = []  # texts

    def update(self, run, look):
        """A line where one has gone back to."""
        self.moment.set(xdata=[look.at(run).measured_at] * 2, visible=look.moment is not None)

    def write_ends(self, ends):
        """Beside the ends of curves, [(words, x, y, color), ...], moved apart where they would collide.

        Back in time, the words tell the values of then.
        """
        while len(self.ends) < len(ends):
            self.ends.append(
                self.write("", 0, 0, 0.6, 0, style.SMALL, moves=True, within="data", va="center")
            )
            self.ends[-1].set(annotation_clip=False)
        low, high = self.axes.bbox.intervaly
        to_pixels, em = self.axes.transData, self.letter * self.axes.figure.dpi / 72
        heights = [np.clip(to_pixels.transform((x, y))[1], low, high) for _, x, y, _ in ends]
        heights = limits.spread(heights, LINE_HEIGHT * style.SMALL * em, low, high)
        for text, (words, x, _, color), height in zip(self.ends, ends, heights):
            text.set(text=words, color=color)
            text.xy = np.clip(x, *self.axes.get_xlim()), to_pixels.inverted().transform((0, height))[1]
        for text in self.ends[len(ends) :]:
            text.set_text("")


def last_iteration(run):
    """Where the axis of iterations ends."""
    end = limits.round_up(max(run.iteration, SHORTEST_AXIS), steps=(1, 2, 5, 10))
    return min(end, run.iterations) or 1


class Curves(Chart):
    """Blue: each training batch, pale, and the mean of many. Red: the test digits."""

    shows = frozenset({"train", "test"})
    column = 0  # of the run's numbers

    def make(self):
        super().make()
        colors = style.EACH_BATCH, style.TRAINING, style.TEST
        self.lines = [self.axes.plot([], [], color=color, animated=True)[0] for color in colors]
        self.runs, self.earlier = (), []  # earlier runs, and their lines
        where = self.axes.get_xaxis_transform()
        self.turned = self.axes.plot([], [], ":", color=style.INK, transform=where, animated=True)[0]
        self.pointer = self.axes.axvline(0, color=style.GREY, linewidth=0.8, visible=False, animated=True)
        box = {"facecolor": style.PAPER, "edgecolor": style.FAINT, "boxstyle": "round,pad=0.6"}
        words = {"color": style.INK, "va": "center", "linespacing": 1.5, "bbox": box, "visible": False}
        self.pointed = self.write("", 0, 0.5, 1.2, 0, style.SMALL, **words)
        self.artists = [self.turned, *self.lines, self.moment, self.pointer, self.pointed]

    def arrange(self, letter, cell, run, look):
        if run.earlier is not self.runs:
            self.show_earlier(run.earlier)
        super().arrange(letter, cell, run, look)
        for line, width in zip(self.lines, LINE_WIDTHS):
            line.set_linewidth(width * letter)
        for line in self.earlier:
            line.set_linewidth(LINE_WIDTHS[1] * letter)
        self.turned.set_linewidth(LINE_WIDTHS[0] * letter)

    def show_earlier(self, runs):
        for line in self.earlier:
            line.remove()
            self.artists.remove(line)
        self.runs, self.earlier = runs, []
        for earlier, color in zip(runs, itertools.cycle(style.EARLIER)):
            x, y = limits.thin(*self.earlier_curve(earlier), MOST_POINTS)
            with style.settings(self.fonts):
                self.earlier += self.axes.plot(x, y, color=color, animated=True)
            self.artists.insert(2, self.earlier[-1])  # above the batches, below this run's means

    def earlier_curve(self, earlier):
        return earlier.test[:, 0], earlier.test[:, 1 + self.column]

    def curves(self, run):
        """(iterations, values): of each batch, their mean, the test, and earlier runs' tests."""
        training, test = (series.y[:, self.column] for series in (run.train, run.test))
        mean = limits.smoothed(training, SMOOTHED)
        own = (run.train.x, training), (run.train.x, mean), (run.test.x, test)
        return [*own, *map(self.earlier_curve, run.earlier)]

    def update(self, run, look):
        super().update(run, look)
        curves, moment, end = self.curves(run), look.at(run), last_iteration(run)
        for line, (x, y) in zip(self.lines, curves):
            line.set_data(*limits.thin(x, y, MOST_POINTS))
            line.set_marker("o" if len(x) == 1 else "")  # a line of one point would be invisible
        _, mean, test, *earlier = curves
        ends, newest = [], max((x[-1] for x, _ in (mean, test) if len(x)), default=0)
        own = ("training", style.TRAINING, mean, moment.train), ("test", style.TEST, test, moment.test)
        for name, color, (x, y), shown in own:
            if shown and (x <= shown.i).any() and np.isfinite(y[-1]):  # a curve of NaN has no end
                ends.append((self.named(name, y[x <= shown.i][-1]), newest, y[-1], color))
        for one, line, (x, y) in zip(run.earlier, self.earlier, earlier):
            if (x <= end).any():  # it may be longer than this run
                i, value = x[x <= end][-1], y[x <= end][-1]
                ends.append((self.named(one.name, value), i, value, line.get_color()))
        self.write_ends(ends)
        self.mark(run.turns)

    def named(self, name, value):
        """What stands at a curve's end; the mouse tells all of it."""
        words = f"{name} {self.formatted(value)}"
        if len(words) > LONGEST_NAME:
            words = name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
        return words

    def mark(self, turns):
        """Dotted lines where the learner has turned the rate; above them by how much, where there is room."""
        left, right, _, top = self.axes.viewLim.extents[[0, 2, 1, 3]]
        turned = sorted((i for i in turns if left <= i <= right), reverse=True)
        self.turned.set_data(np.repeat(turned, 3), np.tile([0, 1, np.nan], len(turned)))
        letter, free, labels = LETTER * self.letter * self.axes.figure.dpi / 72, math.inf, []
        for i in turned:
            x, words = self.axes.transData.transform((i, top))[0], f"×{turns[i]:g}"
            half = letter * (len(words) + 1) / 2
            if x + half < free:
                labels.append((i, top, words, style.INK, "normal"))
                free = x - half
        self.write_labels(labels, ha="center", va="bottom", clip_on=False)

    def hover(self, x, y, run):
        """The values at this iteration."""
        words, earlier = [], ((one.name, one.test) for one in run.earlier)
        for name, curve in ("training", run.train.rows), ("test", run.test.rows), *earlier:
            if len(curve):
                i, value = curve[np.abs(curve[:, 0] - x).argmin(), [0, 1 + self.column]]
                words.append(f"{name} {self.formatted(value)} at {i:,.0f}")
        left, right = self.axes.get_xlim()
        share = (x - left) / (right - left)
        self.pointed.set(text="\n".join(words), visible=bool(words), ha="left" if share < 0.5 else "right")
        self.pointed.xy, self.pointed.xyann = (share, 0.5), (1.2 if share < 0.5 else -1.2, 0)
        self.pointer.set(xdata=[x, x], visible=bool(words))
        return True

    def leave(self):
        self.pointer.set_visible(False)
        self.pointed.set_visible(False)

    def visible_values(self, run):
        """Of each curve but that of single batches, as far as the axis reaches."""
        end = last_iteration(run)
        return [y[x <= end] for x, y in self.curves(run)[1:]]


class Accuracy(Curves):
    """On an axis on which errors halve at equal distances: 98 and 99 % are as far apart as 80 and 90."""

    key, title = "1", "Accuracy"
    caption = "over the iterations; pale: each batch; the errors halve at equal distances"

    def make(self):
        super().make()
        self.axes.set_yscale("function", functions=(limits.stretched, limits.unstretched))
        self.axes.set_yticks(ACCURACIES, [f"{100 * accuracy:g} %" for accuracy in ACCURACIES])
        self.axes.yaxis.set_minor_locator(self.axes.xaxis.get_minor_locator())

    def limits(self, run, look, now):
        return 0, last_iteration(run), 0, max(map(limits.top_of, self.visible_values(run)))

    def formatted(self, accuracy):
        return f"{100 * accuracy:.4g} %"


class Loss(Curves):
    key, title = "2", "Cross-entropy loss"
    caption = "over the iterations; pale: each batch"
    column = 1

    def limits(self, run, look, now):
        ceiling = max(limits.ceiling_of(y, now[3]) for y in self.visible_values(run))
        return 0, last_iteration(run), 0, ceiling or 1

    def formatted(self, loss):
        return f"{loss:.3f}" if loss < 1 else f"{loss:.3g}"
