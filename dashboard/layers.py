"""Panels that look into a network: what each layer makes of the digit on the pad, and what a neuron likes."""

import math

import numpy as np

from dashboard import measures, pictures
from dashboard.charts import NO_PREDICT
from dashboard.handles import layers_of
from dashboard.mosaics import Picture
from dashboard.panel import DARK

SAMPLE = 1000  # test digits on which a neuron that is always 0 counts as dead
FAVOURITES = 25  # test digits
GAP = 1.7  # ems between layers, where their names stand


class Layers(Picture):
    """A strip of tiles for each layer: channels of a convolution as images, other neurons as squares."""

    title = "l  What each layer makes of it"
    caption = "red: positive, blue: negative; click a neuron"
    shows = frozenset({"train", "test", "pad", "neuron"})

    def make(self):
        super().make()
        self.strips = []  # (top, columns, rows, side) of each layer, in pixels
        self.dead, self.counted = [], None  # neurons in each layer, and in which test update

    def grid(self):
        """None: it fills its place."""

    def limits(self, now):
        width, height = self.axes.bbox.size
        return 0, width, height, 0

    def update(self):
        width, height = (max(1, round(side)) for side in self.axes.bbox.size)
        layers = layers_of(self.handles, self.record.pad.picture()[np.newaxis, ..., np.newaxis])
        self.count_dead()
        picture = np.full((height, width), pictures.WHITE)
        self.strips, labels = [], []
        em = self.letter * self.axes.figure.dpi / 72
        top = 0.0
        for k, layer in enumerate(layers):
            values = np.moveaxis(layer[0], -1, 0)  # [neurons], [channels, height, width] or others
            values = values.reshape(len(values), -1, values.shape[-1] if values.ndim > 1 else 1)
            room = height * (k + 1) / len(layers) - top - GAP * em
            columns, rows, side = best_grid(len(values), width, room)
            labels.append((0, top, self.name(k, layer, len(layers)), DARK, "normal"))
            y, chosen = round(top + GAP * em), self.record.neuron
            chosen = chosen[1] if chosen and chosen[0] == k else None
            scale = np.abs(values).max(initial=0) or 1
            tiles = pictures.tiles(values / scale, columns, rows, side, chosen).view(np.uint32)[..., 0]
            h, w = max(0, min(rows * side, height - y)), min(columns * side, width)
            picture[y : y + h, :w] = tiles[:h, :w]
            self.strips.append((y, columns, rows, side))
            top = height * (k + 1) / len(layers)
            if k == len(layers) - 1:
                labels += answers(values.ravel(), y, columns, side, em)
        if not layers:
            labels.append((0, GAP * em, NO_PREDICT, DARK, "normal"))
        self.write_labels(labels, va="top")
        self.image.set(data=picture.view(np.uint8).reshape(height, width, 4), extent=(0, width, height, 0))

    def name(self, k, layer, count):
        """Its tensor's name in the lessons, its shape, how many neurons are dead."""
        shape = "x".join(map(str, layer.shape[1:]))
        if k == count - 1:
            return f"Y  {shape}: the answer"
        dead = f": {self.dead[k]} of {layer.shape[-1]} dead" if k < len(self.dead) and self.dead[k] else ""
        return f"Y{k + 1}  {shape}{dead}"

    def count_dead(self):
        """Once for each test; not back in time, because the network is that of now."""
        test = self.record.last_test
        if test and test is not self.counted and not self.record.history.is_past:
            self.counted, self.dead = test, dead_neurons(self.handles, test)

    def press(self, x, y, button):
        for k, (top, columns, rows, side) in enumerate(self.strips):
            column, row = math.floor(x / side), math.floor((y - top) / side)
            if 0 <= column < columns and 0 <= row < rows:
                self.record.choose_neuron(k, row * columns + column)


class Favourites(Picture):
    """The test digits to which the chosen neuron responds most; before a click, the one that answers."""

    shows = frozenset({"test", "pad", "neuron"})

    def grid(self):
        side = math.isqrt(FAVOURITES)
        return side, side, FAVOURITES

    def picture(self, columns, rows, side):
        test = self.record.last_test
        if not test or not self.handles.networks:
            self.heading.set_text("")
            return pictures.mosaic(measures.NO_DIGITS, columns, rows, side)
        layers = sampled(self.handles, test)
        k, n = self.record.neuron or (len(layers) - 1, self.answer())
        if k >= len(layers) or n >= layers[k].shape[-1]:
            return pictures.mosaic(measures.NO_DIGITS, columns, rows, side)
        responses = strength(layers[k])[:, n]
        order = np.argsort(-responses, kind="stable")[: FAVOURITES if responses.any() else 0]
        name = f"Y{k + 1}, {n}" if k < len(layers) - 1 else f"answer {n}"
        self.heading.set_text(f"{name} responds most to" if responses.any() else f"{name} is dead")
        return pictures.mosaic(measures.some_digits(test.answers, order, SAMPLE), columns, rows, side)

    def answer(self):
        """Of the network, to the digit on the pad."""
        picture = self.record.pad.picture()[np.newaxis, ..., np.newaxis]
        return int(np.argmax(layers_of(self.handles, picture)[-1]))


def sampled(handles, test):
    """What each layer makes of the first thousand test digits."""
    return layers_of(handles, measures.as_images(test.answers.X[:SAMPLE])[..., np.newaxis])


def dead_neurons(handles, test):
    """How many there are in each layer but the last: they are 0 for all of a thousand test digits."""
    layers = sampled(handles, test)[:-1]
    return [int((strength(layer) == 0).all(axis=0).sum()) for layer in layers]


def dead_layers(handles, test):
    """The names of those in which all neurons are dead: no gradient passes them."""
    layers = sampled(handles, test)[:-1]
    return [f"Y{k + 1}" for k, layer in enumerate(layers) if not strength(layer).any()]


def strength(layer):
    """How much each neuron responds to each image [n, neurons]; a channel, where it does so most."""
    values = np.abs(layer)
    return values.reshape(len(values), -1, values.shape[-1]).max(axis=1)


def best_grid(n, width, height):
    """Columns, rows and the side of the largest squares of which n fit."""
    grids = [(math.ceil(n / rows), rows) for rows in range(1, n + 1)]
    sides = [int(min(width // columns, height // rows)) for columns, rows in grids]
    k = int(np.argmax(sides))
    return *grids[k], max(1, sides[k])


def answers(probabilities, y, columns, side, em):
    """The ten digits in their tiles, with their probabilities."""
    for k, p in enumerate(np.nan_to_num(probabilities)):
        left, top = k % columns * side, y + k // columns * side
        yield left + 0.08 * side, top + 0.05 * side, f"{k}", "white" if p > 0.65 else DARK, "bold"
        if p >= 0.01 and side > 3 * em:
            yield left + 0.08 * side, top + 0.55 * side, f"{p:.0%}", "white" if p > 0.65 else DARK, "normal"
