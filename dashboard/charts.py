"""Panels that are charts: curves, bands and bars."""

import numpy as np

from dashboard import measures
from dashboard.handles import as_layers
from dashboard.panel import BLUE, DARK, GREY, LIGHT, RED, SMALL, Panel

LINE_WIDTHS = 0.09, 0.23  # of the training curve and of the test curve, in ems
MOST_POINTS = 1000  # of a curve that are drawn one by one: about the pixels across
SHORTEST_AXIS = 100  # iterations
NETWORK_COLORS = BLUE, "#d98421", "#7a4fa3", DARK  # of their bars
EARLIER_COLORS = "#8a8a8a", "#e69f00", "#009e73", "#cc79a7"  # apart also for the colour-blind
SMALLEST_LABELLED = 0.01  # probability
NO_PREDICT = """\
This needs a function
predict(X), which makes
probabilities [n, 10] of
images [n, 28, 28, 1]:
MnistDataVis(predict=predict)"""


class Chart(Panel):
    """Something that changes over the iterations."""

    def make(self):
        self.style_axes()
        self.axes.grid(color=LIGHT, linewidth=0.8)
        self.axes.xaxis.set_major_formatter("{x:,.0f}")
        self.axes.locator_params(nbins=5)
        style = {"color": DARK, "linewidth": 1.2, "visible": False, "animated": True}
        self.moment = self.axes.axvline(0, **style)

    def draw(self):
        super().draw()
        self.axes.draw_artist(self.moment)

    def show_moment(self):
        """A line where one has gone back to."""
        self.moment.set(xdata=[self.record.iteration] * 2, visible=self.record.history.is_past)

    def last_iteration(self):
        """Where the axis of iterations ends."""
        run = self.record
        end = measures.round_up(max(run.newest_iteration, SHORTEST_AXIS), steps=(1, 2, 5, 10))
        return min(end, run.iterations) or 1


class Curves(Chart):
    """A thin blue curve for the training batches, a thick red one for the test digits."""

    shows = frozenset({"train", "test"})
    column = 0  # of the record's two
    names_at = 0  # the height at which earlier runs are named: 0 at the bottom, 1 at the top

    def make(self):
        super().make()
        self.earlier, self.lines, self.marks = [], [], {}
        for k, run in enumerate(self.record.earlier):
            self.add_earlier(k, run)
        for words, color, dx in ("─ training", BLUE, -8), ("━ test", RED, 0):
            self.lines += self.axes.plot([], [], color=color, animated=True)
            style = {"ha": "right", "color": color}
            self.write(words, 1, 1, dx - 4.2, 0.5, 0.9, **style)
            self.numbers.append(self.write("", 1, 1, dx, 0.5, 0.9, fixed=False, **style))  # the latest
        self.pointer = self.axes.axvline(0, color=GREY, linewidth=0.8, visible=False, animated=True)
        box = {"facecolor": "white", "edgecolor": GREY, "linewidth": 0.5, "pad": 3}
        style = {"color": DARK, "va": "center", "linespacing": 1.4, "bbox": box, "visible": False}
        self.pointed = self.write("", 0, 0.5, 0.6, 0, SMALL, fixed=False, **style)
        self.artists = [*self.earlier, *self.lines, self.pointer, self.pointed]

    def add_earlier(self, k, run):
        """The curves of an earlier run, in a color of their own, and its name."""
        color = EARLIER_COLORS[k % len(EARLIER_COLORS)]
        for curve in run.training, run.test:
            x, y = measures.thin(curve[:, 0], curve[:, 1 + self.column], MOST_POINTS)
            self.earlier += self.axes.plot(x, y, color=color, animated=True)
        dy = (0.6 + 1.3 * k) * (1 - 2 * self.names_at)
        va = "top" if self.names_at else "bottom"
        style = {"ha": "right", "va": va, "color": color}
        name = self.write(f"━ {run.name}", 1, self.names_at, -0.6, dy, SMALL, fixed=False, **style)
        name.set_animated(False)  # drawn with the axes: beneath them, their grid would cross it

    def arrange(self, letter):
        super().arrange(letter)
        for k, line in enumerate((*self.earlier, *self.lines)):
            line.set_linewidth(LINE_WIDTHS[k % 2] * letter)

    def update(self):
        run = self.record
        shown = (run.train, run.last_train), (run.test, run.last_test)
        for line, value, (series, update) in zip(self.lines, self.numbers, shown):
            y = series.y[:, self.column]
            line.set_data(*measures.thin(series.x, y, MOST_POINTS))
            line.set_marker("o" if series.length == 1 else "")  # a line of one point would be invisible
            value.set_text(self.formatted(y[measures.nearest(series.x, update.i)]) if update else "")
        self.show_moment()
        for i, factor in self.record.turns.items():
            self.mark(i, f"×{factor:g}")

    def mark(self, i, words):
        """A line across the chart where the learner has turned the rate."""
        if i not in self.marks:
            line = self.axes.axvline(i, color=DARK, linewidth=0.8, linestyle=":", animated=True)
            box = {"facecolor": "white", "edgecolor": "none", "pad": 1}
            style = {"va": "top", "ha": "center", "color": DARK, "bbox": box}
            clip = {"animated": True, "annotation_clip": True}  # not drawn beyond a chart that is zoomed in
            at = (i, 1), (0, -0.3), ("data", "axes fraction"), "offset fontsize"
            self.marks[i] = self.axes.annotate(words, *at, fontsize=SMALL * self.letter, **style, **clip)
            self.texts.append((self.marks[i], SMALL))
            self.artists[len(self.earlier) : len(self.earlier)] = [line, self.marks[i]]
        self.marks[i].set_text(words)

    def hover(self, x, y):
        """The values at this iteration."""
        series = ("training", self.record.train), ("test", self.record.test)
        curves = [(name, s.x, s.y[:, self.column]) for name, s in series]
        curves += [(run.name, run.test[:, 0], run.test[:, 1 + self.column]) for run in self.record.earlier]
        words = []
        for name, at, values in curves:
            if len(at):
                k = measures.nearest(at, x)
                words.append(f"{name} {self.formatted(values[k])} at {at[k]:,.0f}")
        left, right = self.axes.get_xlim()
        share = (x - left) / (right - left)
        self.pointed.set(text="\n".join(words), visible=bool(words), ha="left" if share < 0.5 else "right")
        self.pointed.xy, self.pointed.xyann = (share, 0.5), (0.6 if share < 0.5 else -0.6, 0)
        self.pointer.set(xdata=[x, x], visible=bool(words))
        return True

    def leave(self):
        self.pointer.set_visible(False)
        self.pointed.set_visible(False)

    def shown_earlier(self):
        """The values of earlier runs as far as the axis reaches."""
        end = self.last_iteration()
        runs = [curve for run in self.record.earlier for curve in (run.training, run.test)]
        return [curve[curve[:, 0] <= end, 1 + self.column] for curve in runs]


class Accuracy(Curves):
    title = "1  Accuracy"

    def limits(self, now):
        curves = [self.record.train.y[:, 0], self.record.test.y[:, 0], *self.shown_earlier()]
        floor = min(measures.floor_of(y, now[2]) for y in curves)
        return 0, self.last_iteration(), floor, 1 + (1 - floor) / 40

    def formatted(self, accuracy):
        return f"{accuracy:.4f}"


class Loss(Curves):
    title = "2  Cross entropy loss"
    column, names_at = 1, 1

    def limits(self, now):
        curves = [self.record.train.y[:, 1], self.record.test.y[:, 1], *self.shown_earlier()]
        ceiling = max(measures.ceiling_of(y, now[3]) for y in curves)
        return 0, self.last_iteration(), 0, ceiling or 1

    def formatted(self, loss):
        return f"{loss:.4f}" if loss < 1 else f"{loss:.4g}"


class Bands(Chart):
    """All values of a kind: the edges of seven bands, a seventh of the values in each."""

    shows = frozenset({"train"})
    colors = ()

    def make(self):
        super().make()
        style = {"linewidth": 0, "animated": True}
        self.artists = [self.axes.fill([0], [0], color=color, **style)[0] for color in self.colors]

    def known(self):
        """Iterations and edges [n, 8], where they are numbers."""
        series = self.series()
        finite = np.isfinite(series.y).all(axis=1)
        return series.x[finite], series.y[finite]

    def limits(self, now):
        _, edges = self.known()
        low = measures.round_up(-edges[:, 0].min(initial=0))
        high = measures.round_up(edges[:, -1].max(initial=0))
        least = max(low, high) / 10 or 0.1
        return 0, self.last_iteration(), -max(low, least), max(high, least)

    def update(self):
        x, y = measures.thin(*self.known(), MOST_POINTS)
        for k, band in enumerate(self.artists):  # the widest first, narrower ones on top of it
            edge = np.append(y[:, k], y[::-1, -1 - k])
            band.set_xy(np.stack([np.append(x, x[::-1]), edge], axis=1))
        self.show_moment()


class Weights(Bands):
    title = "4  Weights"
    colors = "#bcd9ea", "#86b8d8", "#4a8fc0", "#17568c"

    def series(self):
        return self.record.weights


class Biases(Bands):
    title = "5  Biases"
    colors = "#f9d9ae", "#f0b268", "#d98421", "#944e00"

    def series(self):
        return self.record.biases


class Probabilities(Panel):
    """What each network answers to the digit on the pad.

    It is asked while it trains, because a stroke should not have to wait; some weights may then be a step
    older than others, which nobody can see.
    """

    title = "What it says"
    margins = 2.0, 1.0, 4.5, 2.0
    shows = frozenset({"train", "test", "pad"})

    def make(self):
        self.style_axes()
        self.axes.spines[["top", "right", "bottom"]].set_visible(False)
        self.axes.set(xticks=[], yticks=np.arange(10) + 0.5, yticklabels=range(10))
        thickness = 0.8 / (len(self.handles.networks) or 1)
        for k, (name, color) in enumerate(zip(self.handles.networks, NETWORK_COLORS)):
            middles = np.arange(10) + 0.1 + (k + 0.5) * thickness
            self.artists += self.axes.barh(middles, 0, 0.9 * thickness, color=color, animated=True)
            self.write(f"■ {name}" if name else "", 0, 0, 0, -0.5 - 1.3 * k, va="top", color=color)
        if not self.handles.networks:
            self.write(NO_PREDICT, 0, 1, 1, -1, va="top")

    def digit(self):
        return self.record.pad.picture()

    def limits(self, now):
        return 0, 1.3, 10, 0  # room for the numbers beside the bars

    def update(self):
        X = self.digit()[np.newaxis, ..., np.newaxis].astype(np.float32)
        answers = [answer_of(predict, X) for predict in self.handles.networks.values()]
        labels = []
        for bar, p in zip(self.artists, np.nan_to_num(np.ravel(answers))):
            bar.set_width(p)
            if p >= SMALLEST_LABELLED:
                y = bar.get_y() + bar.get_height() / 2
                labels.append((p + 0.02, y, f"{p:.1%}", bar.get_facecolor(), "normal"))
        self.write_labels(labels, va="center")


def answer_of(predict, X):
    """The ten probabilities for one image."""
    Y = np.asarray(as_layers(predict(X))[-1])
    if Y.shape != (1, 10):
        raise ValueError(f"predict: probabilities [1, 10] are needed for one image, not {[*Y.shape]}.")
    return Y[0]
