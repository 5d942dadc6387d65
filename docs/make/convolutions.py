"""Lessons 3.x: a patch that slides over an image, stride and pooling, the sizes of the layers."""

import lessons
import numpy as np
from several_layers import relu
from svg import box, curve, number, page, words

SEVEN = "0000000 0111110 0000010 0000100 0001000 0001000 0000000"
STROKE = "001100 000110 000110 001100 011000 111111"
LEAF = ("pale-blue", None), ("blue", 1)  # a sheet in the pictures of tensors: its colour, then its edge
FLAT = np.array([[-1, -1, -1], [2, 2, 2], [-1, -1, -1]])  # for horizontal strokes; turned, for vertical ones


def image(rows):
    return np.array([list(map(int, row)) for row in rows.split()])


def convolve(image, patch, stride=1):
    """At each place, the pixels under the patch times its weights, added up; 0 beyond the edge ("SAME")."""
    size = -(-len(image) // stride)
    beyond = max(0, (size - 1) * stride + len(patch) - len(image))
    padded = np.pad(image, [(beyond // 2, beyond - beyond // 2)] * 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, patch.shape)[::stride, ::stride]
    return (windows * patch).sum(axis=(2, 3))


def max_pool(image):
    """The largest of each 2 x 2."""
    half = len(image) // 2
    return image.reshape(half, 2, half, 2).max(axis=(1, 3))


def pixels(left, top, cell, image, color="ink", numbers=False):
    """An image, large: the colour for its largest value, paper for 0."""
    parts = []
    for (row, column), value in np.ndenumerate(image):
        x, y = left + column * cell, top + row * cell
        parts += [box(x, y, cell, cell, color, opacity=value / image.max())] if value else []
        parts += [box(x, y, cell, cell, "faint", line=1)]
        parts += [words(x + cell / 2, y + cell / 2 + 5, number(value, 0))] if numbers else []
    return parts


def marked(left, top, cell, row, column, size=1, color="red"):
    """A frame around some pixels."""
    inset = 1 if color == "red" or size == 1 else 3
    side = size * cell - 2 * inset
    return box(left + column * cell + inset, top + row * cell + inset, side, side, color, line=3)


def convolution():
    seven, cell, row, column = image(SEVEN), 19, 1, 3
    parts = [
        words(98, 24, "image", bold=True),
        words(98, 46, f"{len(seven)} × {len(seven)}, 1 channel", "grey"),
        words(244, 24, "weights", bold=True),
        words(244, 46, "3 × 3 × 1, twice", "grey"),
        words(398, 24, "new image", bold=True),
        words(398, 46, f"{len(seven)} × {len(seven)}, 2 channels", "grey"),
        box(12, 129, 9 * cell, 9 * cell, "grey", line=1.5, dashed=True),
        pixels(12 + cell, 129 + cell, cell, seven),
        marked(12, 129, cell, row, column, 3),
        words(98, 322, "dashed: padding", "grey"),
        words(240, 394, "Sums below 0 become 0: relu. In the next layer,", "grey"),
        words(240, 414, "a patch looks at both channels: 3 × 3 × 2 weights.", "grey"),
    ]
    for top, patch in (66, FLAT), (230, FLAT.T):
        sums = convolve(seven, patch)
        for (y, x), weight in np.ndenumerate(patch):
            parts += [
                box(202 + 28 * x, top + 24 + 28 * y, 28, 28, "pale-red" if weight > 0 else "pale-blue"),
                words(216 + 28 * x, top + 43 + 28 * y, number(weight, 0)),
            ]
        parts += [
            curve([(294, top + 66), (322, top + 66)], "ink", arrow=True),
            pixels(332, top, cell, relu(sums)),
            marked(332, top, cell, row, column),
            words(244, top + 128, f"sum {number(sums[row, column], 0)}", "red"),
        ]
    return page(
        "A patch of weights slides over the image",
        "A 7 of 7 x 7 pixels, padded with zeros. A patch of 3 x 3 weights finds its horizontal stroke: a new "
        "image of 7 x 7 is dark there. The same patch, turned, finds vertical strokes and makes a second "
        "image. These two are two channels.",
        428,
        parts,
    )


def stride():
    stroke, patch, cell = image(STROKE), np.ones([3, 3]), 22
    dense, coarse = convolve(stroke, patch), convolve(stroke, patch, stride=2)
    columns = [  # title, caption, image, size and places of two patches; result, places of their numbers
        ("stride 1", "3 × 3, moved by 1", stroke, 3, ((0, 0), (0, 1)), dense, ((1, 1), (1, 2))),
        ("stride 2", "3 × 3, by 2", stroke, 3, ((0, 0), (0, 2)), coarse, ((0, 0), (0, 1))),
        ("max pooling", "largest of 2 × 2", dense, 2, ((0, 0), (0, 2)), max_pool(dense), ((0, 0), (0, 1))),
    ]
    parts = []
    for k, (title, caption, before, size, patches, after, numbers) in enumerate(columns):
        left = 12 + 162 * k
        shifted = left + (len(before) - len(after)) * cell / 2
        parts += [
            words(left + 66, 24, title, bold=True),
            words(left + 66, 46, caption, "grey"),
            pixels(left, 60, cell, before, "pale-blue", numbers=True),
            curve([(left + 66, 198), (left + 66, 222)], "ink", arrow=True),
            pixels(shifted, 230, cell, after, "pale-blue", numbers=True),
            words(left + 66, 250 + len(after) * cell, f"{len(after)} × {len(after)}", "grey"),
        ]
        for color, at, to in zip(("red", "blue"), patches, numbers):
            parts += [marked(left, 60, cell, *at, size, color), marked(shifted, 230, cell, *to, color=color)]
    parts += [words(240, 412, "All nine weights are 1: the patch counts the ink.", "grey")]
    return page(
        "Stride and pooling",
        "A patch with nine weights of 1. With stride 1 it moves by one pixel, and the result is as large as "
        "the image; with stride 2 it moves by two, and the result is half as wide and high. Max pooling "
        "keeps the largest of each 2 x 2 numbers of the first result.",
        426,
        parts,
    )


def sizes(lesson):
    """Each tensor as a picture, its size, and the weights that lead to it."""
    shapes = lessons.shapes(lesson)
    counts = {name: int(np.prod(size)) for name, size in shapes.items()}
    weights = sum(count for name, count in counts.items() if name[0] == "W")
    biases = sum(count for name, count in counts.items() if name[0] == "B")
    parts = [words(470, 22, "numbers", "blue", "end"), words(470, 42, "weights + biases", "red", "end")]
    y = 20
    for name, size in shapes.items():
        text = " × ".join(f"{n:,}" for n in size)
        if name[0] == "W":
            y += 30
            bias = f"B{name[1:]}"
            parts += [
                words(150, y, name, "red", "start"),
                words(190, y, text, "red", "start"),
                words(470, y, f"{counts[name]:,} + {counts[bias]}", "red", "end"),
                box(150, y + 6, max(1, 320 * counts[name] / weights), 5, "red"),
            ]
        elif name[0] in "XY" and name != "YY":
            high, picture = channels(16, y + 20, size) if len(size) == 3 else neurons(16, y + 20, *size)
            y += 20 + high / 2
            parts += [
                picture,
                words(150, y + 6, name, "blue", "start", bold=True),
                words(190, y + 6, text, "blue", "start", bold=True),
                words(470, y + 6, f"{counts[name]:,}", "blue", "end", bold=True),
            ]
            y += high / 2
    together = f"{weights:,} weights + {biases} biases"
    parts += [words(470, y + 32, f"together {together}", "red", "end", bold=True)]
    sizes = (f"{name} {' x '.join(map(str, size))}" for name, size in shapes.items())
    description = f"{', '.join(sizes)}; together {together}."
    return page(f"The sizes of lesson {lesson}, layer by layer", description, round(y + 46), parts)


def channels(left, top, size):
    """How high it is, and images one behind the other."""
    side, step = size[0] * 1.5, min(6, 56 / size[2])
    places = [(left + k * step, top + (size[2] - 1 - k) * step) for k in reversed(range(size[2]))]
    images = [box(*place, side, side, color, line) for place in places for color, line in LEAF]
    return side + step * (size[2] - 1), images


def neurons(left, top, count):
    return 18, [box(left, top + 3, count * 0.6, 12, color, line) for color, line in LEAF]
