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
    for predict in handles.networks.values():
        return as_layers(predict(X.astype(np.float32)))
    return [np.zeros((len(X), 10), np.float32)]


def as_layers(Y):
    return list(Y) if isinstance(Y, (list, tuple)) else [Y]
