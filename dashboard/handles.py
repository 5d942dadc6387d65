"""What the dashboard may ask of a network that learns, and what it may do to it."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dashboard.rate import Rate


@dataclass
class Handles:
    # name: images [n, 28, 28, 1] -> probabilities [n, 10], or what each layer gives, the probabilities last
    networks: dict = field(default_factory=dict)
    rate: Rate | None = None
    pupil: Any = None  # has teach(image, digit), stop_teaching() and taught: the training digits


def layers_of(handles, X):
    """What each layer of the first network makes of images, or what it answers, if it tells no more."""
    predict = next(iter(handles.networks.values()), None)
    layers = map(np.asarray, as_layers(predict(X.astype(np.float32)))) if predict else ()
    return [layer if layer.ndim > 1 else layer[:, np.newaxis] for layer in layers]  # a single neuron


def as_layers(Y):
    return list(Y) if isinstance(Y, (list, tuple)) else [Y]
