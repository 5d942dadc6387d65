"""Panels of the first layer: its weights, and what they make of the digit on the pad."""

import numpy as np

from dashboard.panels import pixels
from dashboard.panels.mosaics import Picture, best_grid
from dashboard.panels.style import INK
from dashboard.run.weights import responses


class FirstLayerTiles(Picture):
    """A tile for each neuron or patch that is shown."""

    def layer(self, run, look):
        train = look.at(run).train
        return train and train.snapshot.first_layer

    def grid(self, run, look):
        layer = self.layer(run, look)
        n = len(layer.neurons) if layer else 0
        return best_grid(n, self.shape) if n else (1, 1)

    def picture(self, run, look, columns, rows, side):
        layer, none = self.layer(run, look), (np.zeros((0, 1, 1)), [])
        values, words = self.tiles(layer, run, look) if layer else none
        places = ((j % columns + 0.03, j // columns + 0.03) for j in range(len(words)))
        self.write_labels([(x, y, f"{w}", INK, "normal") for (x, y), w in zip(places, words)], va="top")
        return pixels.tiles(values / (np.abs(values).max(initial=0) or 1), columns, rows, side)


class FirstLayerWeights(FirstLayerTiles):
    key, title = "w", "What the first layer looks for"
    shows = frozenset({"train"})

    def tiles(self, layer, run, look):
        return layer.weights, layer.neurons

    def update(self, run, look):
        super().update(run, look)
        height, width, channels = run.shape
        if self.layer(run, look):
            told = "ink on green raises the sum, ink on violet lowers it"
        elif channels > 1:
            told = f"shown only of images with one channel, not {channels}"
        else:
            told = f"shown only of weights [{height * width}, n], or of a convolution's [h, w, 1, n]"
        self.note.set_text(told if look.at(run).train else "")


class FirstLayerResponses(FirstLayerTiles):
    title = "What it finds"
    caption = "weight times pixel, and the sum; or what each patch responds to"
    shows = frozenset({"train", "pad", "test"})

    def tiles(self, layer, run, look):
        values = responses(layer, look.network_input(run))
        sums = [f"{v:+.1f}" for v in values.sum(axis=(1, 2)) + layer.biases]
        return values, layer.neurons if layer.convolution else sums
