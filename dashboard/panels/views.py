"""The list of views, what each shows, where its panels go; and the panels that were needed so far."""

import itertools
from typing import NamedTuple

from dashboard.panels import bands, bars, charts, first_layer, gradients, layers, life, matrix, mosaics, pad
from dashboard.panels.panel import Panel
from dashboard.panels.style import settings


class View(NamedTuple):
    """What a key shows."""

    keys: tuple[str, ...]  # of which the first is listed
    meaning: str
    columns: list[list[type[Panel]]]  # of panels, from the left; in each from above
    edges: tuple[float, ...] = (0, 1)  # of the columns, as shares of the width
    letter_size: float = 1.25  # their size: less where there are more panels
    button: str = ""  # its label; a panel that has the view for itself is reached by its title

    @property
    def panels(self):
        """Row by row."""
        rows = itertools.zip_longest(*self.columns)
        return tuple(panel for row in rows for panel in row if panel)


HALVES, THIRDS = (0, 1 / 2, 1), (0, 1 / 3, 2 / 3, 1)
VIEWS = (
    View(("1",), "accuracy", [[charts.Accuracy]]),
    View(("2",), "loss", [[charts.Loss]]),
    View(("3",), "training digits", [[mosaics.TrainingDigits]]),
    View(("4",), "weights", [[bands.Weights]]),
    View(("5",), "biases", [[bands.Biases]]),
    View(("6",), "test digits", [[mosaics.TestDigits]]),
    View(
        ("0", "escape"), "all six",
        [[charts.Accuracy, bands.Weights], [charts.Loss, bands.Biases],
         [mosaics.TrainingDigits, mosaics.TestDigits]],
        THIRDS, 1.0, "all",
    ),
    View(("7",), "accuracy and loss", [[charts.Accuracy], [charts.Loss]], HALVES, button="curves"),
    View(("8",), "weights and biases", [[bands.Weights], [bands.Biases]], HALVES, button="weights"),
    View(
        ("9",), "training and test digits", [[mosaics.TrainingDigits], [mosaics.TestDigits]], HALVES,
        button="digits",
    ),
    View(
        ("w",), "weights of the first layer",
        [[pad.NetworkInput, bars.Probabilities],
         [first_layer.FirstLayerWeights], [first_layer.FirstLayerResponses]],
        (0, 0.22, 0.61, 1), 1.0, "layer 1",
    ),
    View(
        ("l",), "every layer; click a neuron", [[pad.NetworkInput], [layers.Layers], [layers.Favourites]],
        (0, 0.18, 0.74, 1), 1.0, "layers",
    ),
    View(("g",), "gradients", [[gradients.Gradients, gradients.Steps]], button="gradient"),
    View(
        ("m",), "confusion matrix; click a cell", [[matrix.Confusion], [matrix.Cell]], (0, 0.53, 1), 1.0,
        "matrix",
    ),
    View(
        ("i",), "the life of a digit; click one", [[life.Digit], [life.Answer], [life.Life]],
        (0, 0.24, 0.48, 1), 1.0, "life",
    ),
    View(
        ("d",), "your own digit", [[pad.Pad], [pad.NetworkInput], [bars.Probabilities]],
        (0, 0.44, 0.73, 1), 1.0, "write",
    ),
)  # fmt: skip
BY_KEY = {key: view for view in VIEWS for key in view.keys}


class Panels(dict):
    """A figure's panels by their class, each made when it is first needed."""

    def __init__(self, figure, handles):
        import matplotlib

        self.figure, self.handles, self.fonts = figure, handles, matplotlib.rcParams["font.family"]

    def __missing__(self, panel):
        from matplotlib.axes import Axes

        with settings(self.fonts):
            axes = Axes(self.figure, (0, 0, 1, 1), label=panel.__name__)
            self[panel] = panel(axes, self.handles)
            self.figure.add_axes(axes)  # only now: one that fails leaves nothing
        return self[panel]


class Place(NamedTuple):
    """Where a panel goes: (left, bottom, width, height) in whole pixels from below."""

    cell: tuple[int, int, int, int]  # cells fill the space without overlap
    axes: tuple[int, int, int, int]


def layout(width, height, view, em, grid_of, below=0):
    """The places of a view's panels, `below` pixels from below.

    A mosaic has a grid, by the shape of its room, and gets whole pixels for each digit.
    """
    edges = [round(share * width) for share in view.edges]
    places = {}
    for x, end, column in zip(edges, edges[1:], view.columns):
        w, h = end - x, max(0, int(height)) // len(column)
        for k, panel in enumerate(reversed(column)):
            y = below + k * h
            left, right, bottom, top = (round(margin * em) for margin in panel.margins)
            axes = x + left, y + bottom, max(1, w - left - right), max(1, h - bottom - top)
            if grid := grid_of(panel, axes[2] / axes[3]):
                across, down, *_ = grid
                side = max(1, min(axes[2] // across, axes[3] // down))
                axes = axes[0], axes[1] + axes[3] - side * down, side * across, side * down
            places[panel] = Place((x, y, w, h), axes)
    return places
