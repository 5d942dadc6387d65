"""Charts of all weights, and of all biases, over the iterations."""

import numpy as np

from dashboard.panels import limits, style
from dashboard.panels.charts import MOST_POINTS, Chart, last_iteration


class Bands(Chart):
    """All values of a kind: the edges of seven bands, a seventh of the values in each."""

    shows = frozenset({"train"})
    kind, colors = "", ()  # of the run's numbers, and of the bands
    caption = "over the iterations; a seventh of them in each band"

    def make(self):
        super().make()
        look = {"linewidth": 0, "animated": True}
        self.bands = [self.axes.fill([0], [0], color=color, **look)[0] for color in self.colors]
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
        x, y = self.edges(run)
        k = np.searchsorted(x, look.at(run).measured_at, "right") - 1
        self.write_ends(
            [(f"{y[k, e]:.2f}".replace("-", "−"), x[-1], y[-1, e], style.GREY) for e in (0, -1) if k >= 0]
        )
        x, y = limits.thin(x, y, MOST_POINTS)
        for k, band in enumerate(self.bands):  # the widest first, narrower ones on top of it
            edge = np.append(y[:, k], y[::-1, -1 - k])
            band.set_xy(np.stack([np.append(x, x[::-1]), edge], axis=1))


class Weights(Bands):
    key, title = "4", "Weights"
    kind, colors = "weights", style.WEIGHTS


class Biases(Bands):
    key, title = "5", "Biases"
    kind, colors = "biases", style.BIASES
