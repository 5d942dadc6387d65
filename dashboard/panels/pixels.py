"""Arrays in, pixels out: mosaics of digits, tiles of numbers. A picture is RGBA bytes [height, width, 4]."""

import numpy as np

from dashboard.panels import style
from dashboard.run.images import resize

SMALLEST_NUMBERED = 20  # pixels: in a smaller digit, nobody could read the numerals


def rgba(*colors):
    """Colours as single numbers of 32 bits, which are four bytes in a picture."""
    return np.array([(*color, 255) for color in colors]).astype(np.uint8).view(np.uint32)[:, 0]


def rgb(name):
    """'#rrggbb' -> (r, g, b)"""
    return tuple(bytes.fromhex(name[1:]))


def shades(start, end, steps):
    """Colours from one to another."""
    return rgba(*np.linspace(rgb(start), rgb(end), steps))


def between(names, n):
    """n colours '#rrggbb' from the first of these to the last, by way of the others."""
    places = np.linspace(0, len(names) - 1, n)
    mixed = [np.interp(places, range(len(names)), part) for part in zip(*map(rgb, names))]
    return ["#" + bytes(np.rint(color).astype(np.uint8)).hex() for color in zip(*mixed)]


def both_ways(negative, positive):
    """Colours for -1 to 1, in 257 steps, with paper in the middle."""
    return np.concatenate([shades(negative, style.PAPER, 129)[:-1], shades(style.PAPER, positive, 129)])


INK, PAPER, BORDER, TAUGHT, WRONG_INK = (
    rgba(rgb(name))[0] for name in (style.INK, style.PAPER, style.FAINT, style.MARKED, style.WRONG_INK)
)
RIGHT = shades(style.PAPER, style.INK, 256)  # by ink
WRONG = shades(style.WRONG_PAPER, style.WRONG_INK, 256)
SIGNED = both_ways(style.NEGATIVE, style.POSITIVE)
NEUTRAL = both_ways(style.INK, style.INK)
COUNTS = both_ways(style.INK, style.TEST)  # of answers: right ones grey, wrong ones red
NUMERALS = np.array([[bit == "1" for bit in rows] for rows in (  # five rows of three dots
    "111101101101111", "010110010010111", "111001111100111", "111001011001111", "101101111001001",
    "111100111001111", "111100111101111", "111001010010010", "111101111101111", "111101111001111",
)]).reshape(10, 5, 3)  # fmt: skip


def mosaic(digits, columns, rows, side):
    """Digits in rows and columns, each `side` pixels wide; wrong ones on a tint of red, with both answers:
    the right one at the left, the network's at the right.
    """
    images, right, given = digits.images, digits.right, digits.given
    zoom = side // 14 if side >= SMALLEST_NUMBERED else 0  # pixels for a dot of the numerals
    wrong = right != given
    cells = np.full((rows * columns, side, side), PAPER)
    cells[: len(images)][wrong] = WRONG[0]
    for group, size, colors in (~wrong, side, RIGHT), (wrong, side - 3 * zoom, WRONG):  # room for numerals
        k, margin = np.flatnonzero(group), (side - size) // 2
        cells[k, :size, margin : margin + size] = colors[darkness(resize(images[k], size, size))]
    if zoom:
        numerals = NUMERALS.repeat(zoom, 1).repeat(zoom, 2)  # [10, h, w]
        h, w = numerals.shape[1:]
        for answers, left, color in (right, zoom + 1, INK), (given, side - w - 2 - zoom, WRONG_INK):
            k = np.flatnonzero(wrong & (answers < 10))
            corner = cells[k, side - h - 2 : side - 2, left : left + w]
            corner[numerals[answers[k]]] = color
            cells[k, side - h - 2 : side - 2, left : left + w] = corner
        cells[:, -1:] = cells[:, :, -1:] = PAPER  # a thin line between neighbours
    for k in np.flatnonzero(digits.indices < digits.taught):
        frame(cells[k : k + 1], TAUGHT, max(2, side // 14))
    return composed(cells, columns, rows)


def tiles(values, columns, rows, side, chosen=None, colors=None):
    """Numbers [n, h, w], -1 to 1, in rows and columns; what is no number is paper, as 0 is.

    If none is negative, the colours go from paper to ink.
    """
    cells = np.full((rows * columns, side, side), PAPER)
    inner = max(1, side - max(1, side // 20))
    values = np.clip(np.nan_to_num(resize(values, inner, inner)), -1, 1)
    if colors is None:
        colors = SIGNED if (values < 0).any() else NEUTRAL
    shown = cells[: len(values), :inner, :inner]
    shown[:] = colors[np.rint(128 + 128 * values).astype(int)]
    frame(shown, BORDER, 1)
    if chosen is not None:
        frame(shown[chosen : chosen + 1], INK, max(2, side // 20))
    return composed(cells, columns, rows)


def sheet(ink, side):
    """Ink [h, w] on a sheet of paper with a border, `side` pixels wide."""
    cells = RIGHT[darkness(resize(ink, side, side))]
    frame(cells[np.newaxis], BORDER, 1)
    return composed(cells[np.newaxis], 1, 1)


def composed(cells, columns, rows):
    """A picture of cells [rows * columns, side, side]."""
    side = cells.shape[1]
    cells = cells.reshape(rows, columns, side, side).swapaxes(1, 2).reshape(rows * side, columns * side, 1)
    return cells.view(np.uint8)


def frame(cells, color, width):
    cells[:, :width] = cells[:, -width:] = cells[:, :, :width] = cells[:, :, -width:] = color


def darkness(ink):
    """Ink 0..1 -> 0..255; what is no number is paper."""
    return (np.fmin(np.fmax(ink, 0), 1) * 255).astype(np.uint8)
