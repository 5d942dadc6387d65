"""A digit written by hand, made into what a network reads: as MNIST's digits were made."""

from dataclasses import dataclass, replace

import numpy as np

from dashboard.run.images import as_images, resize

PAPER = 280  # dots across
PEN = 11  # dots: half the width of a stroke
BOX = 20 / 28  # MNIST's digits fill a box of 20x20 pixels in 28x28


@dataclass(frozen=True, eq=False)
class Handwriting:
    """What is written on the pad. A stroke makes another one."""

    ink: np.ndarray | None = None  # [PAPER, PAPER]; None: nobody has written yet
    centring: bool = True

    def written(self, start, end):
        """With a stroke from one place to another, (x, y) in 0..1."""
        ink = np.zeros((PAPER, PAPER), np.float32) if self.ink is None else self.ink
        return replace(self, ink=stroke(ink, start, end))

    def cleared(self):
        return replace(self, ink=np.zeros((PAPER, PAPER), np.float32))

    def recentred(self):
        return replace(self, centring=not self.centring)

    def visible_ink(self, test):
        """Until somebody writes, a test digit is on the paper."""
        if self.ink is None and test and test.answers.X is not None:
            return resize(as_images(test.answers.X[:1])[0], PAPER, PAPER)
        return self.cleared().ink if self.ink is None else self.ink

    def network_input(self, test, height, width):
        ink = self.visible_ink(test)
        if self.centring:
            return centred(ink, height, width)
        return as_dark_as_before(resize(ink, height, width), ink)  # every dot at its place


def stroke(ink, start, end):
    """Ink [PAPER, PAPER], 0..1, after a stroke of a round pen from one place to another, (x, y) in 0..1."""
    x, y = np.arange(PAPER, dtype=np.float32) + 0.5, np.arange(PAPER, dtype=np.float32)[:, None] + 0.5
    (x0, y0), (x1, y1) = np.multiply(start, PAPER).tolist(), np.multiply(end, PAPER).tolist()
    dx, dy = x1 - x0, y1 - y0
    along = np.clip(((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy or 1), 0, 1)
    distance = np.hypot(x - x0 - along * dx, y - y0 - along * dy)
    return np.maximum(ink, np.clip(PEN + 0.5 - distance, 0, 1))


def centred(ink, height=28, width=28):
    """Ink cut out, scaled to fit the box, its centre of mass in the middle of [height, width]."""
    picture = np.zeros((height, width), np.float32)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if len(rows):
        ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        box = BOX * min(height, width)
        h, w = (max(1, round(side * box / max(ink.shape))) for side in ink.shape)
        digit = as_dark_as_before(resize(ink, h, w), ink)
        top, left = margin(digit.sum(axis=1), height), margin(digit.sum(axis=0), width)
        picture[top : top + h, left : left + w] = digit
    return picture


def margin(mass, size):
    """How many of `size` pixels stay empty before these, for the centre of their mass to be the middle."""
    centre = np.sum(mass * np.arange(len(mass))) / np.sum(mass)
    return int(np.clip(round(size / 2 - centre), 0, size - len(mass)))


def as_dark_as_before(picture, ink):
    """Shrinking makes a thin stroke pale."""
    return picture * (ink.max() / picture.max()) if picture.any() else picture
