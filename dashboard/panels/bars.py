"""Bars: what each network answers to the digit on the pad."""

import numpy as np

from dashboard.panels.panel import FOOT_ROOM, SIDE, TITLE_ROOM, Panel
from dashboard.panels.style import NETWORKS, SMALL, settings
from dashboard.run.handles import as_layers, ask

SMALLEST_LABELLED = 0.01  # probability
MOST_LABELLED = 30  # classes
NO_PREDICT = """\
This needs a function
predict(X), which makes
probabilities [n, 10] of
images [n, 28, 28, 1]:
MnistDataVis(predict=predict)"""


class Probabilities(Panel):
    """What each network answers to the digit on the pad.

    It is asked while it trains, because a stroke should not have to wait; some weights may then be a step
    older than others, which nobody can see.
    """

    title = "What it says"
    margins = SIDE + 1.3, SIDE, FOOT_ROOM, TITLE_ROOM
    caption = "its probabilities"
    shows = frozenset({"train", "test", "pad"})

    def make(self):
        self.style_axes()
        self.axes.set(xticks=[])
        self.bars, self.classes = [], 0
        for k, (name, color) in enumerate(zip(self.handles.networks, NETWORKS)):
            self.write(f"■ {name}" if name else "", 1, 0, 0, 0.6 + 1.5 * k, SMALL, ha="right", color=color)
        if not self.handles.networks:
            self.write(NO_PREDICT, 0, 1, 1, -1, va="top")

    def make_bars(self, classes):
        for bar in self.bars:
            bar.remove()
        self.bars, self.classes = [], classes
        names = np.arange(0, classes, -(-classes // MOST_LABELLED))
        self.axes.set(yticks=names + 0.5, yticklabels=names)
        thickness = 0.8 / (len(self.handles.networks) or 1)
        for k, (_, color) in enumerate(zip(self.handles.networks, NETWORKS)):
            middles = np.arange(classes) + 0.1 + (k + 0.5) * thickness
            with settings(self.fonts):
                self.bars += self.axes.barh(middles, 0, 0.9 * thickness, color=color, animated=True)
        self.artists = [*self.bars, *self.labels]

    def digit(self, run, look):
        return look.network_input(run)

    def limits(self, run, look, now):
        return 0, 1.3, run.classes, 0  # room for the numbers beside the bars

    def update(self, run, look):
        if self.classes != run.classes:
            self.make_bars(run.classes)
        digit = self.digit(run, look)
        networks = self.handles.networks.values() if run.knows_shape() else ()
        with self.handles.as_at(look.network(run)):
            answers = [answer_of(predict, digit, run.shape[2], self.classes) for predict in networks]
        labels = []
        for bar, p in zip(self.bars, np.nan_to_num(np.ravel(answers))):
            bar.set_width(p)
            if p >= SMALLEST_LABELLED:
                y = bar.get_y() + bar.get_height() / 2
                labels.append((p + 0.02, y, f"{100 * p:.1f} %", bar.get_facecolor(), "normal"))
        self.write_labels(labels, va="center")


def answer_of(predict, image, channels, classes):
    """The probabilities for one image [h, w]."""
    Y = np.asarray(as_layers(ask(predict, image[np.newaxis], channels))[-1])
    if Y.shape != (1, classes):
        raise ValueError(f"predict: probabilities [1, {classes}] are needed for one image, not {[*Y.shape]}.")
    return Y[0]
