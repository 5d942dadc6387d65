"""Panels of the first layer: its weights, and what they make of the digit on the pad."""

import math

import numpy as np

from dashboard import measures, pictures
from dashboard.mosaics import Picture
from dashboard.panel import DARK

SHAPE = 3.2  # how much wider than high these panels are
NOT_SHOWN = "shown only of weights [784, n], or of a convolution's [h, w, 1, n]"


class FirstLayer(Picture):
    """A tile for each neuron or patch that is shown."""

    def grid(self):
        n = len(self.record.last_train.neurons) if self.record.last_train else 0
        rows = max(range(1, n + 1), key=lambda rows: min(SHAPE / math.ceil(n / rows), 1 / rows), default=1)
        return math.ceil(n / rows) or 1, rows, n

    def picture(self, columns, rows, side):
        layer = self.record.last_train and self.record.last_train.first_layer
        if not layer:
            self.write_labels([])
            return pictures.tiles(np.zeros((0, 1, 1)), columns, rows, side)
        values, words = self.tiles(layer, [f"{k}" for k in self.record.last_train.neurons])
        places = ((j % columns + 0.03, j // columns + 0.03) for j in range(len(words)))
        self.write_labels([(x, y, w, DARK, "normal") for (x, y), w in zip(places, words)], va="top")
        return pictures.tiles(values / (np.abs(values).max(initial=0) or 1), columns, rows, side)


class FirstLayerWeights(FirstLayer):
    title = "w  What the first layer looks for"
    shows = frozenset({"train"})

    def tiles(self, layer, names):
        return layer.weights, names

    def update(self):
        super().update()
        train = self.record.last_train
        known = train and train.first_layer
        told = "ink on red raises the sum, ink on blue lowers it" if known else NOT_SHOWN
        self.note.set_text(told if train else "")


class FirstLayerResponses(FirstLayer):
    title = "What it finds"
    shows = frozenset({"train", "pad"})

    def tiles(self, layer, names):
        values = measures.responses(layer, self.record.pad.picture())
        if layer.convolution:
            return values, names
        return values, [f"{v:+.1f}" for v in values.sum(axis=(1, 2)) + layer.biases]
