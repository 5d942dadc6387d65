"""Panels that look into a network: what each layer makes of the digit on the pad, and what a neuron likes."""

import math

import numpy as np

from dashboard.panels import pixels
from dashboard.panels.bars import NO_PREDICT
from dashboard.panels.mosaics import Picture, best_grid
from dashboard.panels.panel import Panel
from dashboard.panels.style import INK, PAPER
from dashboard.run.answers import NO_DIGITS, some_digits
from dashboard.run.handles import SAMPLE

FAVOURITES = 5, 5  # test digits across and down
GAP, NAME = 1.9, 0.75  # ems between layers, where their names stand; from there to a name


class Layers(Picture):
    """A strip of tiles for each layer: channels of a convolution as images, other neurons as squares."""

    key, title = "l", "What each layer makes of it"
    caption = "the darker, the more a neuron responds; click one"
    shows = frozenset({"train", "test", "pad", "neuron"})
    grid = Panel.grid  # none: it fills its place
    strips = ()  # (top, columns, rows, side) of each layer, in pixels

    def limits(self, run, look, now):
        width, height = self.axes.bbox.size.round()
        return 0, width, height, 0

    def update(self, run, look):
        width, height = (max(1, round(side)) for side in self.axes.bbox.size)
        em = self.letter * self.axes.figure.dpi / 72
        layers = layers_of_pad(self.handles, run, look)
        tiles = [as_tiles(layer[0]) for layer in layers]
        h, gap = height / (len(layers) or 1), GAP * em  # of a layer, of which this is for its name
        self.strips = [
            (round(k * h + gap), *strip(len(one), width, max(1, h - gap))) for k, one in enumerate(tiles)
        ]
        self.show(self.picture(tiles, width, height, look.neuron), width, height)
        names = self.names(layers, run, look)
        labels = [(0, k * h + NAME * em, name, INK, "normal") for k, name in enumerate(names)]
        if layers:
            labels += answer_labels(layers[-1].ravel(), *self.strips[-1], em)
        elif not self.handles.networks:
            labels = [(0, gap, NO_PREDICT, INK, "normal")]
        self.write_labels(labels, va="top")

    def picture(self, layers, width, height, neuron):
        picture = np.full((height, width), pixels.PAPER)
        for k, (values, (top, columns, rows, side)) in enumerate(zip(layers, self.strips)):
            chosen = neuron[1] if neuron and neuron[0] == k else None
            scale = np.abs(values).max(initial=0) or 1
            tiles = pixels.tiles(values / scale, columns, rows, side, chosen).view(np.uint32)[..., 0]
            h, w = max(0, min(rows * side, height - top)), min(columns * side, width)
            picture[top : top + h, :w] = tiles[:h, :w]
        return picture.view(np.uint8).reshape(height, width, 4)

    def names(self, layers, run, look):
        """Of each layer: its tensor's name in the lessons, its shape, how many neurons are dead."""
        dead = self.handles.dead_neurons(*asked(run, look))
        for k, layer in enumerate(layers):
            shape = "x".join(map(str, layer.shape[1:]))
            if k == len(layers) - 1:
                yield f"Y  {shape}: the answer"
            else:
                count, total = dead[k] if k < len(dead) else (0, 0)
                yield f"Y{k + 1}  {shape}" + (f": {count} of {total} dead" if count else "")

    def press(self, x, y, button, run, look):
        for k, (top, columns, rows, side) in enumerate(self.strips):
            column, row = math.floor(x / side), math.floor((y - top) / side)
            if 0 <= column < columns and 0 <= row < rows:
                return look._replace(neuron=(k, row * columns + column))
        return look


class Favourites(Picture):
    """The test digits to which the chosen neuron responds most; before a click, the one that answers."""

    caption = "of the first thousand test digits"
    shows = frozenset({"test", "pad", "neuron"})

    def grid(self, run, look):
        return FAVOURITES

    def picture(self, run, look, columns, rows, side):
        words, digits = self.favourites(run, look, columns * rows)
        self.heading.set_text(words)
        return pixels.mosaic(digits, columns, rows, side)

    def favourites(self, run, look, most):
        test = look.at(run).test
        layers = self.handles.responses(*asked(run, look)) if test else []
        if not layers:
            return "", NO_DIGITS
        k, n = look.neuron or (len(layers) - 1, int(np.argmax(layers_of_pad(self.handles, run, look)[-1])))
        if k >= len(layers) or n >= layers[k].shape[-1]:
            return self.heading.get_text(), NO_DIGITS
        responses = layers[k][:, n]
        name = f"Y{k + 1}, {n}" if k < len(layers) - 1 else f"answer {n}"
        if not responses.any():
            return f"{name} is dead", NO_DIGITS
        order = np.argsort(-responses, kind="stable")[:most]
        return f"{name} responds most to", some_digits(test.answers, order, SAMPLE)


def layers_of_pad(handles, run, look):
    """What each layer makes of the digit on the pad."""
    image = look.network_input(run)[np.newaxis]
    return handles.layers(image, run.shape[2], look.network(run)) if run.knows_shape() else []


def asked(run, look):
    """Which test digits, and which network is asked about them."""
    network = look.network(run)
    return (look.at(run) if network else run.newest).test, network


def as_tiles(values):
    """A layer [neurons], [height, width, channels] or of other dimensions as images [n, h, w]."""
    values = np.moveaxis(values, -1, 0)
    return values.reshape(len(values), -1, values.shape[-1] if values.ndim > 1 else 1)


def strip(n, width, height):
    """Columns, rows and the side of the largest squares of which n fit."""
    columns, rows = best_grid(n, width / height)
    return columns, rows, max(1, int(min(width // columns, height // rows)))


def answer_labels(probabilities, y, columns, rows, side, em):
    """The classes in their tiles, with their probabilities."""
    for k, p in enumerate(np.nan_to_num(probabilities)):
        left, top = (k % columns + 0.08) * side, y + k // columns * side
        color = PAPER if p > 0.5 else INK
        yield left, top + 0.05 * side, f"{k}", color, "bold"
        if p >= 0.01 and side > 3 * em:
            yield left, top + 0.55 * side, f"{100 * p:.0f} %", color, "normal"
