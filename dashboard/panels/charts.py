"""Charts over the iterations: curves and bands."""

import numpy as np

from dashboard.panels import limits
from dashboard.panels.panel import Panel
from dashboard.panels.style import BLUE, DARK, GREY, LIGHT, RED, SMALL

LINE_WIDTHS = 0.09, 0.23  # of the training curve and of the test curve, in ems
MOST_POINTS = 1000  # of a curve that are drawn one by one: about the pixels across
SHORTEST_AXIS = 100  # iterations
EARLIER_COLORS = "#8a8a8a", "#e69f00", "#009e73", "#cc79a7"  # apart also for the colour-blind


class Chart(Panel):
    """Something that changes over the iterations."""

    def make(self):
        self.style_axes()
        self.axes.grid(color=LIGHT, linewidth=0.8)
        self.axes.xaxis.set_major_formatter("{x:,.0f}")
        self.axes.locator_params(nbins=5)
        style = {"color": DARK, "linewidth": 1.2, "visible": False, "animated": True}
        self.moment = self.axes.axvline(0, **style)

    def update(self, run, look):
        """A line where one has gone back to."""
        self.moment.set(xdata=[look.at(run).measured_at] * 2, visible=look.moment is not None)


def last_iteration(run):
    """Where the axis of iterations ends."""
    end = limits.round_up(max(run.iteration, SHORTEST_AXIS), steps=(1, 2, 5, 10))
    return min(end, run.iterations) or 1


class Curves(Chart):
    """A thin blue curve for the training batches, a thick red one for the test digits."""

    shows = frozenset({"train", "test"})
    column = 0  # of the run's numbers
    names_at = 0  # the height at which earlier runs are named: 0 at the bottom, 1 at the top

    def make(self):
        super().make()
        self.earlier, self.lines, self.values, self.marks = [], [], [], {}
        for words, color, dx in ("─ training", BLUE, -8), ("━ test", RED, 0):
            self.lines += self.axes.plot([], [], color=color, animated=True)
            style = {"ha": "right", "color": color}
            self.write(words, 1, 1, dx - 4.2, 0.5, 0.9, **style)
            self.values.append(self.write("", 1, 1, dx, 0.5, 0.9, moves=True, **style))
        self.pointer = self.axes.axvline(0, color=GREY, linewidth=0.8, visible=False, animated=True)
        box = {"facecolor": "white", "edgecolor": GREY, "linewidth": 0.5, "pad": 3}
        style = {"color": DARK, "va": "center", "linespacing": 1.4, "bbox": box, "visible": False}
        self.pointed = self.write("", 0, 0.5, 0.6, 0, SMALL, **style)
        self.artists = [*self.lines, self.pointer, self.pointed, *self.values, self.moment]

    def add_earlier(self, k, run):
        """The curves of an earlier run, in a color of their own, and its name."""
        color, curves = EARLIER_COLORS[k % len(EARLIER_COLORS)], []
        for curve in run.training, run.test:
            x, y = limits.thin(curve[:, 0], curve[:, 1 + self.column], MOST_POINTS)
            curves += self.axes.plot(x, y, color=color, zorder=1.5, animated=True)
        self.artists[2 * k : 2 * k] = curves
        self.earlier += curves
        dy = (0.6 + 1.3 * k) * (1 - 2 * self.names_at)
        va = "top" if self.names_at else "bottom"
        style = {"ha": "right", "va": va, "color": color}
        name = self.write(f"━ {run.name}", 1, self.names_at, -0.6, dy, SMALL, **style)
        name.set_animated(False)  # drawn with the axes: beneath them, their grid would cross it

    def arrange(self, letter, run, look):
        for k in range(len(self.earlier) // 2, len(run.earlier)):
            self.add_earlier(k, run.earlier[k])
        super().arrange(letter, run, look)
        for k, line in enumerate((*self.earlier, *self.lines)):
            line.set_linewidth(LINE_WIDTHS[k % 2] * letter)

    def update(self, run, look):
        super().update(run, look)
        _, train, test, _ = look.at(run)
        for line, text, series, update in zip(self.lines, self.values, (run.train, run.test), (train, test)):
            line.set_data(*limits.thin(series.x, series.y[:, self.column], MOST_POINTS))
            line.set_marker("o" if series.length == 1 else "")  # a line of one point would be invisible
            text.set_text(self.formatted((update.accuracy, update.loss)[self.column]) if update else "")
        for i, factor in run.turns.items():
            self.mark(i, f"×{factor:g}")

    def mark(self, i, words):
        """A line across the chart where the learner has turned the rate."""
        if i not in self.marks:
            line = self.axes.axvline(i, color=DARK, linewidth=0.8, linestyle=":", animated=True)
            box = {"facecolor": "white", "edgecolor": "none", "pad": 1}
            style = {"va": "top", "ha": "center", "color": DARK, "bbox": box}
            place = {"within": ("data", "axes fraction"), "annotation_clip": True}  # clipped when zoomed in
            self.marks[i] = self.write(words, i, 1, 0, -0.3, SMALL, **place, **style)
            self.artists[len(self.earlier) : len(self.earlier)] = [line, self.marks[i]]
        self.marks[i].set_text(words)

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
        self.pointed.xy, self.pointed.xyann = (share, 0.5), (0.6 if share < 0.5 else -0.6, 0)
        self.pointer.set(xdata=[x, x], visible=bool(words))
        return True

    def leave(self):
        self.pointer.set_visible(False)
        self.pointed.set_visible(False)

    def visible_values(self, run):
        """Of each curve, as far as the axis reaches."""
        end, column = last_iteration(run), 1 + self.column
        earlier = [curve for one in run.earlier for curve in (one.training, one.test)]
        return [curve[curve[:, 0] <= end, column] for curve in (run.train.rows, run.test.rows, *earlier)]


class Accuracy(Curves):
    title = "1  Accuracy"

    def limits(self, run, look, now):
        floor = min(limits.floor_of(y, now[2]) for y in self.visible_values(run))
        return 0, last_iteration(run), floor, 1 + (1 - floor) / 40

    def formatted(self, accuracy):
        return f"{accuracy:.4f}"


class Loss(Curves):
    title = "2  Cross entropy loss"
    column, names_at = 1, 1

    def limits(self, run, look, now):
        ceiling = max(limits.ceiling_of(y, now[3]) for y in self.visible_values(run))
        return 0, last_iteration(run), 0, ceiling or 1

    def formatted(self, loss):
        return f"{loss:.4f}" if loss < 1 else f"{loss:.4g}"


class Bands(Chart):
    """All values of a kind: the edges of seven bands, a seventh of the values in each."""

    shows = frozenset({"train"})
    kind, colors = "", ()  # of the run's numbers, and of the bands

    def make(self):
        super().make()
        style = {"linewidth": 0, "animated": True}
        self.bands = [self.axes.fill([0], [0], color=color, **style)[0] for color in self.colors]
        self.artists = [*self.bands, self.moment]

    def edges(self, run):
        """Iterations and edges [n, 8], where they are numbers."""
        series = getattr(run, self.kind)
        finite = np.isfinite(series.y).all(axis=1)
        return series.x[finite], series.y[finite]

    def limits(self, run, look, now):
        _, edges = self.edges(run)
        low = limits.round_up(-edges[:, 0].min(initial=0))
        high = limits.round_up(edges[:, -1].max(initial=0))
        least = max(low, high) / 10 or 0.1
        return 0, last_iteration(run), -max(low, least), max(high, least)

    def update(self, run, look):
        super().update(run, look)
        x, y = limits.thin(*self.edges(run), MOST_POINTS)
        for k, band in enumerate(self.bands):  # the widest first, narrower ones on top of it
            edge = np.append(y[:, k], y[::-1, -1 - k])
            band.set_xy(np.stack([np.append(x, x[::-1]), edge], axis=1))


class Weights(Bands):
    title = "4  Weights"
    kind, colors = "weights", ("#bcd9ea", "#86b8d8", "#4a8fc0", "#17568c")


class Biases(Bands):
    title = "5  Biases"
    kind, colors = "biases", ("#f9d9ae", "#f0b268", "#d98421", "#944e00")
