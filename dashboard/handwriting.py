"""A digit written by hand, made into what a network reads: 28x28 pixels, as MNIST's digits were made."""

import numpy as np

from dashboard.pictures import resize

PAD = 280  # dots across the paper
PEN = 11  # dots: half the width of a stroke
SIZE, BOX = 28, 20  # pixels: MNIST's digits fill a box of 20x20 and stand in 28x28


class Pad:
    """The paper: a test digit is on it until somebody writes."""

    def __init__(self):
        self.ink = np.zeros((PAD, PAD), np.float32)
        self.touched, self.centring = False, True

    def load(self, digit):
        """Put a test digit [height, width] there."""
        self.ink = resize(digit, PAD, PAD)

    def write(self, start, end):
        """A stroke from one place to another, (x, y) in 0..1."""
        if not self.touched:
            self.clear()
        self.ink = draw(self.ink, start, end)

    def clear(self):
        self.ink, self.touched = np.zeros_like(self.ink), True

    def picture(self):
        """What a network gets, [28, 28]."""
        return centred(self.ink) if self.centring else as_drawn(self.ink)


def draw(ink, start, end):
    """Ink [PAD, PAD], 0..1, after a stroke of a round pen from one place to another, (x, y) in 0..1."""
    x, y = np.arange(PAD, dtype=np.float32) + 0.5, np.arange(PAD, dtype=np.float32)[:, None] + 0.5
    (x0, y0), (x1, y1) = np.multiply(start, PAD).tolist(), np.multiply(end, PAD).tolist()
    dx, dy = x1 - x0, y1 - y0
    along = np.clip(((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy or 1), 0, 1)
    distance = np.hypot(x - x0 - along * dx, y - y0 - along * dy)
    return np.maximum(ink, np.clip(PEN + 0.5 - distance, 0, 1))


def as_drawn(ink):
    """Ink [height, width] -> [28, 28], every dot at its place."""
    return as_dark_as_before(resize(ink, SIZE, SIZE), ink)


def centred(ink):
    """Ink [height, width] -> cut out, scaled to fit the box, its centre of mass in the middle of [28, 28]."""
    picture = np.zeros((SIZE, SIZE), np.float32)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if len(rows):
        ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        height, width = (max(1, round(side * BOX / max(ink.shape))) for side in ink.shape)
        digit = as_dark_as_before(resize(ink, height, width), ink)
        top, left = margin(digit.sum(axis=1)), margin(digit.sum(axis=0))
        picture[top : top + height, left : left + width] = digit
    return picture


def margin(mass):
    """How many empty pixels come before these, for the centre of their mass to be the middle."""
    centre = np.sum(mass * np.arange(len(mass))) / np.sum(mass)
    return int(np.clip(round(SIZE / 2 - centre), 0, SIZE - len(mass)))


def as_dark_as_before(picture, ink):
    """Shrinking makes a thin stroke pale."""
    return picture * (ink.max() / picture.max()) if picture.any() else picture
