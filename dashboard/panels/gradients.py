"""Charts of what moves each layer's weights, and how far."""

import math

import numpy as np

from dashboard.panels import limits, pixels, style
from dashboard.panels.charts import LINE_WIDTHS, MOST_POINTS, Chart, last_iteration

NO_GRADIENT = """\
This needs a function gradient(X, Y_), which gives
an array for each of the weights and biases:
MnistDataVis(gradient=gradient)"""


class LayerCurves(Chart):
    """A curve for each layer, on a logarithmic axis."""

    def make(self):
        super().make()
        self.axes.set(yscale="log", ylim=(0.01, 1))  # before `limits`: a click asks the axes, too
        self.axes.yaxis.set_major_formatter("{x:g}")
        self.axes.yaxis.set_minor_locator(self.axes.xaxis.get_minor_locator())
        self.lines, self.artists = [], [self.moment]

    def series(self, run):
        """Of each layer: `x`, the iterations, and `y` [n, layers]; before it can be measured, NaN."""

    def limits(self, run, look, now):
        y = positive(self.series(run).y)
        y = y[np.isfinite(y)]
        least, most = (y.min(), y.max()) if len(y) else (0.01, 1)
        low = math.floor(math.log10(least))
        high = max(math.ceil(math.log10(most)), low + 1)
        return 0, last_iteration(run), 10.0**low, 10.0**high

    def update(self, run, look):
        super().update(run, look)
        x, measured = self.series(run).x, self.series(run).y
        y = positive(measured)
        colors = pixels.between(style.LAYERS, y.shape[1])
        while len(self.lines) < y.shape[1]:
            with style.settings(self.fonts):
                self.lines += self.axes.plot([], [], animated=True)
            self.artists.insert(0, self.lines[-1])
        ends = []
        k = np.searchsorted(x, look.at(run).measured_at, "right") - 1
        for layer, (line, color) in enumerate(zip(self.lines, colors)):
            values = y[:, layer]
            line.set_data(*limits.thin(x, values, MOST_POINTS))
            line.set(color=color, linewidth=LINE_WIDTHS[1] * self.letter, marker="o" if len(x) == 1 else "")
            if k >= 0 and np.isfinite(measured[k, layer]) and np.isfinite(values).any():
                last = values[np.isfinite(values)][-1]
                ends.append((f"W{layer + 1} {measured[k, layer]:.2g}", x[-1], last, color))
        self.write_ends(ends)


class Gradients(LayerCurves):
    key, title = "g", "The gradient in each layer"
    caption = "how strongly the loss reacts to a weight (root mean square, the first 1,000 test digits)"
    shows = frozenset({"test"})

    def make(self):
        super().make()
        if not self.handles.gradient:
            self.write(NO_GRADIENT, 0, 1, 1, -1, va="top")

    def series(self, run):
        return run.gradients


class Steps(LayerCurves):
    title = "How far an iteration moves a weight"
    caption = "in proportion to the layer's weights (root mean squares), the mean since the update before"
    shows = frozenset({"train"})

    def series(self, run):
        return run.steps


def positive(values):
    """NaN in the place of the others: a logarithmic axis has no place for 0."""
    return np.where(values > 0, values, np.nan)
