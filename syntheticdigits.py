"""Handwritten digits drawn with NumPy, for the course to run on where MNIST cannot be downloaded.

    images, labels = draw(range(600))  # uint8 [60000, 28, 28], white ink 255 on black 0, and uint8 [60000]

Each writer has a handwriting and writes a page of 100 digits: train on some writers, test on others.
A writer's page is the same on every machine, byte for byte: the random numbers come from NumPy's only frozen
generator (`RandomState.random_sample`), and the arithmetic uses only operations that IEEE 754 rounds exactly:
+ - * / and square roots, one at a time; no sine, no logarithm, no matrix product.
"""

import numpy as np

PAGE = 100  # digits per writer
SIZE = 28  # pixels, width and height of an image
BOX = 20  # pixels, the square that a digit just fits into, as in MNIST
DOTS = 80  # of ink per digit, less than a pixel apart
EDGE = 1.1  # pixels, from full ink to no ink
REACH = np.arange(-2, 3, dtype=np.float32)[:, None, None]  # offsets of the pixels that a dot can ink
THINNEST, THICKEST = 0.6, 1.95  # pixels, radius of a dot; a thicker one would exceed REACH

# The ways to write each digit. After the colon: the control points of the pen's curve, each as its column and
# row in a 10x10 grid (00 top left, 99 bottom right). A comma lifts the pen; a repeated point makes a corner.
SHAPES = """\
0: 60 10 05 29 79 95 80 50 30
0: 81 30 04 19 69 95 82 61
0: 30 13 06 19 59 87 93 71 41 22
1: 50 59
1: 50 53 56 59
1: 60 53 46 49
1: 40 53 56 49
1: 42 50 50 54 59
1: 22 50 50 54 59, 29 59 89
2: 12 30 71 83 65 28 09 09 59 99
2: 10 50 82 64 27 09 09 49 99
2: 12 40 71 83 66 39 19 07 27 58 89 98
2: 02 20 50 63 55 38 09 18 58 98
3: 11 40 81 83 44 44 44 85 87 59 29 08
3: 10 50 80 80 44 44 75 87 59 29 08
3: 11 50 82 64 35 35 54 86 78 49 08
3: 00 40 72 53 24 24 65 87 68 39 09
4: 20 14 15 55 95, 80 74 79
4: 20 14 35 84, 80 84 79
4: 30 15 06 46 86, 72 65 49
4: 60 33 06 06 56 96, 60 64 69
4: 10 13 35 74 90 90 75 69
5: 90 50 20 20 14 14 43 74 86 78 49 08
5: 20 14 14 43 74 86 78 49 08, 20 50 90
5: 91 50 21 13 44 75 77 59 29 08
5: 90 60 40 40 33 33 54 66 57 39 09
6: 70 32 05 07 29 69 87 75 45 17
6: 50 23 06 18 49 78 86 65 35 17
6: 80 40 13 06 28 59 88 86 54 15
6: 70 42 25 08 19 49 68 66 47 28
7: 00 50 90 90 64 49
7: 00 50 90 90 64 49, 25 55 85
7: 13 10 10 50 90 90 65 49
7: 11 40 81 83 66 49
7: 12 41 71 71 65 59
8: 81 50 11 13 54 86 88 59 28 16 44 73 82 81
8: 50 21 23 44 73 71 50, 44 16 18 49 88 76 54 44
8: 54 23 21 50 71 73 54 16 18 49 78 76 54
8: 90 50 22 34 56 58 39 18 27 55 73 91
9: 82 50 12 14 45 74 81 81 75 79
9: 82 50 12 14 45 74 82 85 78 49 18
9: 81 40 12 24 54 82 82 66 59
9: 71 50 31 23 44 63 71 71 65 49
""".splitlines()
MOST_POINTS, MOST_STROKES = 16, 2  # per shape

# A handwriting: mean, standard deviation between writers, standard deviation within one writer's digits.
# The unit of length is half the grid.
HANDWRITING = {
    "slant": (0.20, 0.28, 0.10),  # to the right, per unit upwards
    "tilt": (0.00, 0.06, 0.05),  # downwards, per unit to the right
    "aspect": (0.78, 0.14, 0.08),  # width by height
    "taper": (0.00, 0.14, 0.09),  # wider at the bottom, narrower at the top
    "sag": (0.00, 0.14, 0.09),  # the middle lower than the ends
    "bend": (0.00, 0.07, 0.06),  # the ends to the right of the middle
    "radius": (1.31, 0.30, 0.10),  # pixels, of the pen
}
UNUSUAL = 0.15  # share of the digits in another shape than their writer's usual one
# Standard deviations of a point's column and row, in units of the grid, and of the pen's radius, in pixels:
HABIT = np.array([0.42, 0.42, 0.10])  # per writer and point
WOBBLE = np.array([0.28, 0.28, 0.10])  # per digit and point, in addition
SLIP = np.array([0.25, 0.25, 0.07])  # per digit and stroke, in addition
HASTE = 2.3  # the largest factor on wobble and slip; most digits have one near 1
TREMOR = 0.10  # pixels, standard deviation of the radius from dot to dot


def nearly_normal(rng, *shape):
    """Random numbers, mean 0, standard deviation 1, from -3 to 3: the scaled sum of three uniform ones."""
    return (rng.random_sample(shape) + rng.random_sample(shape) + rng.random_sample(shape) - 1.5) * 2


def shape_tables(shape):
    """A shape as a cubic B-spline: its points [MOST_POINTS, 3] (column, row, pressure 0), their strokes
    [MOST_POINTS], and for each of the pen's dots its 4 control points and their weights, both [DOTS, 4]."""
    points, strokes, around = [], [], []
    for number, stroke in enumerate(shape[2:].split(",")):
        first = len(points)
        points += [(int(column), int(row), 0) for column, row in stroke.split()]
        last = len(points) - 1
        strokes += [number] * (last + 1 - first)
        around += [(max(p - 1, first), p, p + 1, min(p + 2, last)) for p in range(first, last)]
    # np.resize pads short shapes with points that no dot refers to, so that all tables have one size
    points, around = np.resize(points, (MOST_POINTS, 3)), np.array(around)
    columns, rows, _ = (points[around[:, 2]] - points[around[:, 1]]).T  # of each segment
    lengths = np.sqrt(columns * columns + rows * rows)
    ends = np.cumsum(lengths)
    way = np.arange(DOTS) * ends[-1] / (DOTS - 1)
    segment = np.searchsorted(ends, way).clip(max=len(ends) - 1)
    t = 1 - (ends[segment] - way) / lengths[segment]  # 0 at the start of a segment, 1 at its end
    s = 1 - t
    pull = np.array([s * s * s, 4 - 6 * t * t + 3 * t * t * t, 4 - 6 * s * s + 3 * s * s * s, t * t * t]) / 6
    return points, np.resize(strokes, MOST_POINTS), around[segment], pull.T


def choose_shapes(rng, labels):
    """Indices in SHAPES [PAGE]: mostly this writer's usual shape of each digit."""
    ways = np.bincount([int(shape[0]) for shape in SHAPES])  # [10]
    usual = (rng.random_sample(10) * ways)[labels]
    unusual = rng.random_sample(PAGE) * ways[labels]
    way = np.where(rng.random_sample(PAGE) < UNUSUAL, unusual, usual)
    return (np.cumsum(ways) - ways)[labels] + way.astype(int)


def pen_dots(rng, labels, tables):
    """The pen's dots for a page, in units of the grid: columns, rows and pressure, each [PAGE, DOTS]."""
    points, strokes, around, pull = tables
    shape, digit = choose_shapes(rng, labels), np.arange(PAGE)[:, None]
    haste = rng.random_sample((PAGE, 1, 1))
    haste = 1 + (HASTE - 1) * haste * haste * haste * haste
    points = (points + HABIT * nearly_normal(rng, *points.shape))[shape]  # [PAGE, MOST_POINTS, 3]
    points = points + haste * WOBBLE * nearly_normal(rng, *points.shape)
    points = points + (haste * SLIP * nearly_normal(rng, PAGE, MOST_STROKES, 3))[digit, strokes[shape]]
    dots = sum(points[digit, around[shape, :, k]] * pull[shape, :, k, None] for k in range(4))
    return dots[..., 0], dots[..., 1], dots[..., 2]


def fit_into_box(rng, columns, rows, pressure):
    """The dots in this writer's handwriting, scaled to the box: columns, rows and radii in pixels."""
    mean, among_writers, among_digits = np.array(list(HANDWRITING.values())).T[..., None]  # [7, 1] each
    writer = mean + among_writers * nearly_normal(rng, len(HANDWRITING), 1)
    digits = writer + among_digits * nearly_normal(rng, len(HANDWRITING), PAGE)
    slant, tilt, aspect, taper, sag, bend, radius = digits[..., None]  # [PAGE, 1] each
    x, y = columns / 4.5 - 1, rows / 4.5 - 1  # about -1..1
    y = y - sag * y * y
    x = aspect * x * (1 + taper * y) - slant * y + bend * y * y
    y = y + tilt * x

    left, right, top, bottom = (v[:, None] for v in (x.min(1), x.max(1), y.min(1), y.max(1)))
    scale = (BOX - EDGE - 2 * np.clip(radius, THINNEST, THICKEST)) / np.maximum(right - left, bottom - top)
    columns, rows = (x - (left + right) / 2) * scale, (y - (top + bottom) / 2) * scale
    radii = np.clip(radius + pressure + TREMOR * nearly_normal(rng, PAGE, DOTS), THINNEST, THICKEST)
    return columns + (SIZE - 1) / 2, rows + (SIZE - 1) / 2, radii


def render(columns, rows, radii):
    """The page, uint8 [PAGE, SIZE, SIZE]: each pixel has the ink of the dot that covers it most."""
    columns, rows, radii = (values.astype(np.float32) for values in (columns, rows, radii))
    near_columns, near_rows = np.rint(columns) + REACH, np.rint(rows) + REACH  # [5, PAGE, DOTS]
    across, down = np.square(near_columns - columns), np.square(near_rows - rows)
    distance = np.sqrt(down[:, None] + across)  # [5, 5, PAGE, DOTS]
    grey = np.clip((radii - distance) * np.float32(255 / EDGE) + 128, 0, 255).astype(np.uint8)
    line = np.arange(PAGE)[:, None] * SIZE + near_rows.astype(int)
    pixel = (line * SIZE)[:, None] + near_columns.astype(int)
    page = np.zeros(PAGE * SIZE * SIZE, np.uint8)
    np.maximum.at(page, pixel.ravel(), grey.ravel())
    return page.reshape(PAGE, SIZE, SIZE)


def centre(page):
    """The page with each digit's centre of mass moved to pixel 14, as in MNIST, by whole pixels, no further
    than the margin, beyond which ink would wrap around to the other side."""
    pixels, margin = np.arange(SIZE), (SIZE - BOX) // 2
    mass = page.sum((1, 2), dtype=int)  # [PAGE]
    row, column = (((page.sum(axis, dtype=int) * pixels).sum(1) + mass // 2) // mass for axis in (2, 1))
    rows, columns = (pixels + np.clip(v - SIZE // 2, -margin, margin)[:, None] for v in (row, column))
    return page[np.arange(PAGE)[:, None, None], rows[:, :, None] % SIZE, columns[:, None, :] % SIZE]


def draw(writers):
    """One page per writer: images uint8 [PAGE * writers, SIZE, SIZE] and labels uint8 [PAGE * writers],
    first all writers' first digits, then all their second digits, and so on."""
    tables = [np.array(table) for table in zip(*map(shape_tables, SHAPES))]
    images = np.empty((PAGE, len(writers), SIZE, SIZE), np.uint8)
    labels = np.empty((PAGE, len(writers)), np.uint8)
    for n, writer in enumerate(writers):
        rng = np.random.RandomState(writer)
        labels[:, n] = (rng.random_sample(PAGE) * 10).astype(np.uint8)
        images[:, n] = centre(render(*fit_into_box(rng, *pen_dots(rng, labels[:, n], tables))))
    return images.reshape(-1, SIZE, SIZE), labels.ravel()
