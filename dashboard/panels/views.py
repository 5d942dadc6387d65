"""The list of views, what each shows, and where its panels go."""

from typing import NamedTuple

from dashboard.panels import bars, charts, first_layer, layers, life, matrix, mosaics, pad
from dashboard.panels.panel import Panel


class View(NamedTuple):
    """What a key shows."""

    keys: tuple[str, ...]  # of which the first is listed
    meaning: str
    panels: tuple[type[Panel], ...]
    columns: tuple[float, ...] = (0, 1)  # where they start and end, as shares of the width
    letter_size: float = 1.4  # their size: less where there are more panels


ALL = charts.Accuracy, charts.Loss, mosaics.TrainingDigits, charts.Weights, charts.Biases, mosaics.TestDigits
HALVES = 0, 0.5, 1
VIEWS = (
    View(("1",), "accuracy", (charts.Accuracy,)),
    View(("2",), "loss", (charts.Loss,)),
    View(("3",), "training digits", (mosaics.TrainingDigits,)),
    View(("4",), "weights", (charts.Weights,)),
    View(("5",), "biases", (charts.Biases,)),
    View(("6",), "test digits", (mosaics.TestDigits,)),
    View(("7",), "accuracy and loss", (charts.Accuracy, charts.Loss), HALVES),
    View(("8",), "weights and biases", (charts.Weights, charts.Biases), HALVES),
    View(("9",), "training and test digits", (mosaics.TrainingDigits, mosaics.TestDigits), HALVES),
    View(("0", "escape"), "all six", ALL, (0, 0.32, 0.64, 1), 1.0),
    View(("d",), "your own digit", (pad.Pad, pad.NetworkInput, bars.Probabilities), (0, 0.5, 0.7, 1)),
    View(("m",), "confusion matrix; click a cell", (matrix.Confusion, matrix.Cell), (0, 0.53, 1)),
    View(
        ("l",), "every layer; click a neuron", (pad.NetworkInput, layers.Layers, layers.Favourites),
        (0, 0.16, 0.75, 1), 1.0,
    ),
    View(
        ("i",), "the life of a digit; click one", (life.Digit, life.Answer, life.Life),
        (0, 0.22, 0.5, 1), 1.0,
    ),
    View(
        ("w",), "weights of the first layer",
        (pad.NetworkInput, first_layer.FirstLayerWeights,
         bars.Probabilities, first_layer.FirstLayerResponses),
        (0, 0.22, 1), 1.0,
    ),
)  # fmt: skip
BY_KEY = {key: view for view in VIEWS for key in view.keys}
PANELS = tuple(dict.fromkeys(panel for view in VIEWS for panel in view.panels))  # each once


class Place(NamedTuple):
    """Where a panel goes: (left, bottom, width, height) in whole pixels from below."""

    cell: tuple[int, int, int, int]  # cells fill the space without overlap
    axes: tuple[int, int, int, int]


def layout(width, height, view, em, grids):
    """The places of a view's panels; a mosaic, whose grid is given, gets whole pixels for each digit."""
    edges = [round(share * width) for share in view.columns]
    columns = len(edges) - 1
    h = max(0, int(height)) // (len(view.panels) // columns)
    places = {}
    for k, panel in enumerate(view.panels):
        x, y = edges[k % columns], (len(view.panels) // columns - 1 - k // columns) * h
        w = edges[k % columns + 1] - x
        left, right, bottom, top = (round(margin * em) for margin in panel.margins)
        axes = x + left, y + bottom, max(1, w - left - right), max(1, h - bottom - top)
        if panel in grids:
            across, down, *_ = grids[panel]
            side = max(1, min(axes[2] // across, axes[3] // down))
            axes = axes[0], axes[1] + axes[3] - side * down, side * across, side * down
        places[panel] = Place((x, y, w, h), axes)
    return places
