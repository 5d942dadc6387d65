"""Lessons 3.x: a patch that slides over an image, stride and pooling, the sizes of the layers."""

import lessons
import numpy as np
from several_layers import relu
from svg import box, curve, number, page, words

SEVEN = "0000000 0111110 0000010 0000100 0001000 0001000 0000000"
STROKE = "001100 000110 000110 001100 011000 111111"
LEAF = ("faint", None), ("ink", 1)  # a sheet in the pictures of tensors: its colour, then its edge
MIDDLE = 74  # of these pictures, from the left
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


def marked(left, top, cell, row, column, size=1, color="ochre"):
    """A frame around some pixels."""
    inset = 0.5 if color == "ochre" or size == 1 else 2
    side = size * cell - 2 * inset
    return box(left + column * cell + inset, top + row * cell + inset, side, side, color, line=2.5)


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
                box(202 + 28 * x, top + 24 + 28 * y, 28, 28, "pale-green" if weight > 0 else "pale-violet"),
                words(216 + 28 * x, top + 43 + 28 * y, number(weight, 0)),
            ]
        parts += [
            curve([(294, top + 66), (322, top + 66)], "ink", arrow=True),
            pixels(332, top, cell, relu(sums)),
            marked(332, top, cell, row, column),
            words(244, top + 128, f"sum {number(sums[row, column], 0)}", "ochre"),
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
    stroke, patch, cell, edge = image(STROKE), np.ones([3, 3]), 18, len(STROKE.split())
    dense, coarse = convolve(stroke, patch), convolve(stroke, patch, stride=2)
    columns = [  # title, caption, image, pixels of padding before and after it, patch, its stride; result
        ("stride 1", "3 × 3, moved by 1", stroke, (1, 1), 3, 1, "sum", dense),
        ("stride 2", "3 × 3, moved by 2", stroke, (0, 1), 3, 2, "sum", coarse),
        ("max pooling", "largest of 2 × 2", dense, (0, 0), 2, 2, "largest", max_pool(dense)),
    ]
    parts = []
    for k, (title, caption, before, (beyond, after), size, step, told, result) in enumerate(columns):
        middle, top, below = 84 + 156 * k, 82, 262
        left, shifted = middle - edge * cell / 2, middle - len(result) * cell / 2
        padded = (beyond + edge + after) * cell
        parts += [
            words(middle, 24, title, bold=True),
            words(middle, 46, caption, "grey"),
            pixels(left, top, cell, before, "shade", numbers=True),
            box(left - beyond * cell, top - beyond * cell, padded, padded, "grey", line=1.5, dashed=True)
            if after
            else [],
            curve([(middle, 216), (middle, 250)], "ink", arrow=True),
            words(middle + 12, 236, told, "grey", "start"),
            pixels(shifted, below, cell, result, "shade", numbers=True),
            words(middle, below + 20 + len(result) * cell, f"{len(result)} × {len(result)}", "grey"),
        ]
        for place, color in enumerate(("ochre", "ink")):
            parts += [
                marked(left, top, cell, -beyond, step * place - beyond, size, color),
                marked(shifted, below, cell, 0, place, color=color),
            ]
    parts += [
        words(240, 418, "Dashed: padding with zeros. All nine weights are 1,", "grey"),
        words(240, 438, "so the patch counts the ink. Max pooling", "grey"),
        words(240, 458, "starts with the result of stride 1.", "grey"),
    ]
    return page(
        "Stride and pooling",
        "A patch with nine weights of 1, in its first two places. With stride 1 it begins in the padding "
        "beyond the edge and moves by one pixel, and the result is as large as the image; with stride 2 it "
        "moves by two, and the result is half as wide and high. Max pooling keeps the largest of each 2 x 2 "
        "numbers of the first result.",
        474,
        parts,
    )


def sizes(lesson):
    """Each tensor as a picture, its size, and the weights that lead to it."""
    shapes = lessons.shapes(lesson)
    counts = {name: int(np.prod(size)) for name, size in shapes.items()}
    weights = sum(count for name, count in counts.items() if name[0] == "W")
    biases = sum(count for name, count in counts.items() if name[0] == "B")
    parts = [words(470, 24, "numbers", anchor="end", bold=True)]
    parts += [words(470, 44, "weights + biases", "grey", "end")]
    y = 58
    for name, size in shapes.items():
        text = " × ".join(f"{n:,}" for n in size)
        if name[0] == "W":
            bias = f"B{name[1:]}"
            parts += [
                curve([(MIDDLE, y + 6), (MIDDLE, y + 44)], "ink", arrow=True),
                words(150, y + 26, name, "grey", "start"),
                words(190, y + 26, text, "grey", "start"),
                words(470, y + 26, f"{counts[name]:,} + {counts[bias]}", "grey", "end"),
                box(150, y + 33, max(2, 320 * counts[name] / weights), 5, "slate"),
            ]
            y += 50
        elif name[0] in "XY" and name != "YY":
            high, picture = channels(y, size) if len(size) == 3 else neurons(y, *size)
            parts += [
                picture,
                words(150, y + high / 2 + 5, name, anchor="start", bold=True),
                words(190, y + high / 2 + 5, text, anchor="start", bold=True),
                words(470, y + high / 2 + 5, f"{counts[name]:,}", anchor="end", bold=True),
            ]
            y += high
    together = f"{weights:,} weights + {biases} biases"
    parts += [
        curve([(150, y + 16), (470, y + 16)], "faint"),
        words(470, y + 38, f"together {together}", "grey", "end", bold=True),
    ]
    sizes = (f"{name} {' x '.join(map(str, size))}" for name, size in shapes.items())
    description = f"{', '.join(sizes)}; together {together}."
    return page(f"The sizes of lesson {lesson}, layer by layer", description, round(y + 54), parts)


def channels(top, size):
    """How high it is, and images one behind the other."""
    side, step = size[0] * 1.5, min(6, 56 / size[2])
    across = side + step * (size[2] - 1)
    places = [
        (MIDDLE - across / 2 + k * step, top + (size[2] - 1 - k) * step) for k in reversed(range(size[2]))
    ]
    images = [box(*place, side, side, color, line) for place in places for color, line in LEAF]
    return across, images


def neurons(top, count):
    return 14, [box(MIDDLE - count * 0.3, top + 1, count * 0.6, 12, color, line) for color, line in LEAF]
