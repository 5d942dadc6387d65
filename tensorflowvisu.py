"""What the learner sees of a network that learns: panels that move, or text.

    datavis = tensorflowvisu.MnistDataVis()
    datavis.animate(training_step, iterations=2000, train_data_update_freq=10, test_data_update_freq=50)

`animate` calls training_step(i, n, update_test_data, update_train_data) again and again. Each call shows,
after `i` iterations, what is asked for, by datavis.update_test_data(...) and datavis.update_train_data(...),
and then does the next `n` iterations. Where there is a window, it runs in a thread of its own.

    python tensorflowvisu.py FOLDER FOLDER ...

shows what networks, that lessons have saved with --save-network, say about a digit that you write.
"""

import argparse
import contextlib
import gc
import importlib.util
import io
import math
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np

import handwriting

OLDEST_TENSORFLOW = (2, 16)
OLDEST_MATPLOTLIB = (3, 8)
INSTALL = "README.md tells how to install all; in short: python -m pip install -r requirements.txt"

# what is shown
PANELS = {
    1: "1  Accuracy", 2: "2  Cross entropy loss", 3: "3  Training digits",
    4: "4  Weights", 5: "5  Biases", 6: "6  Test digits",
    "pad": "d  Your own digit", "input": "What a network gets", "bars": "What it says",
    "matrix": "m  Confusion matrix: right answers down, the network's across", "cell": "",
    "weights": "w  What the first layer looks for", "answers": "What it finds",
}  # fmt: skip
ALL = 1, 2, 3, 4, 5, 6
VIEWS = {str(panel): (panel,) for panel in ALL}
VIEWS |= {"7": (1, 2), "8": (4, 5), "9": (3, 6), "0": ALL, "escape": ALL}
VIEWS |= {"d": ("pad", "input", "bars"), "m": ("matrix", "cell"), "w": ("input", "weights", "answers")}
EDGES = np.linspace(0, 1, 8)  # of the seven bands: a seventh of all values in each
CAPTIONS = {
    3: "wrong ones first: right answer at the left, network's at the right",
    6: "wrong ones of all test digits first: the red ends at the accuracy",
}
PICTURES = 3, 6, "pad", "input", "matrix", "cell", "weights", "answers"
DIGITS_SHOWN = {3: (100, 1.0), 6: (1000, 1.6)}  # at most, and how much wider than high their mosaic is
CELL_GRIDS = 6, 12, 20, 34  # digits across: one of these, lest they change their size all the time
WORST = 3  # pairs of digits that are marked as most often confused
NEURONS_SHOWN = 30  # of the first layer, at most
FLOORS = 0.9, 0.8, 0.5  # where the accuracy panel may start
MOST_POINTS = 1000  # of a curve that are drawn one by one: about the pixels across

# how it looks; lengths in ems, the height of a letter
WIDTH, HEIGHT, EM = 1344, 756, 12.5  # pixels
SMALLEST_EM, LARGER = 8, 1.4  # pixels; how many times larger when a panel or two have all the space
LINES = 0.09, 0.23  # how thick
HEADER = 2.4
HEADER_COLUMNS = {  # where words start; drawing one is dear, so what changes by itself is a word by itself
    "name": 0.01, "iteration": 0.3, "i": 0.345, "of": 0.393, "epoch": 0.5, "accuracy": 0.6, "speed": 0.77,
    "status": 0.9,
}  # fmt: skip
TRAINING, TEST = "─ training", "━ test"
COLUMNS = {  # where panels start and end, by their number or by the view
    1: (0, 1), 2: (0, 0.5, 1), 3: (0, 0.32, 0.64, 1),
    VIEWS["d"]: (0, 0.5, 0.7, 1), VIEWS["m"]: (0, 0.53, 1), VIEWS["w"]: (0, 0.2, 0.6, 1),
}  # fmt: skip
CHART, MOSAIC = (4.2, 1.8, 2.2, 2.0), (1.3, 3.6, 2.0, 2.0)  # left, right, bottom, top
PICTURE, MATRIX, BARS = (1.3, 1.0, 2.0, 2.0), (2.6, 1.0, 2.6, 3.2), (2.0, 1.0, 4.5, 2.0)
MARGINS = {
    1: CHART, 2: CHART, 3: MOSAIC, 4: CHART, 5: CHART, 6: MOSAIC, "pad": PICTURE, "input": PICTURE,
    "bars": BARS, "matrix": MATRIX, "cell": PICTURE, "weights": PICTURE, "answers": PICTURE,
}  # fmt: skip
BLUE, RED, DARK, GREY, LIGHT = "#0060b0", "#d01c2a", "#222222", "#999999", "#e4e4e4"
BAND_COLORS = {
    4: ("#bcd9ea", "#86b8d8", "#4a8fc0", "#17568c"),
    5: ("#f9d9ae", "#f0b268", "#d98421", "#944e00"),
}
NETWORK_COLORS = BLUE, "#d98421", "#7a4fa3", DARK  # of their bars
PAPERS, INKS = [(255, 255, 255, 255), (208, 28, 42, 255)], [(20, 20, 20, 255), (255, 255, 255, 255)]
SHADES = np.linspace(PAPERS, INKS, 256, axis=1).astype(np.uint8).view(np.uint32)[..., 0]
# [right or wrong, pixel] -> RGBA, four bytes in one number
BLACK, WHITE = np.array([[0, 0, 0, 255], [255] * 4], np.uint8).view(np.uint32)[:, 0]
SIGNED = np.concatenate(  # from -1, blue, to 1, red, in 257 steps
    [np.linspace((0, 96, 176, 255), [255] * 4, 129)[:-1], np.linspace([255] * 4, PAPERS[1], 129)]
)
SIGNED = SIGNED.astype(np.uint8).view(np.uint32)[:, 0]
RIGHT = -0.15  # what colors the right answers of the confusion matrix
FRAME, CHOSEN = np.array([[200, 200, 200, 255], [34, 34, 34, 255]], np.uint8).view(np.uint32)[:, 0]
NUMERALS = np.array([[bit == "1" for bit in rows] for rows in (  # five rows of three dots
    "111101101101111", "010110010010111", "111001111100111", "111001011001111", "101101111001001",
    "111100111001111", "111100111101111", "111001010010010", "111101111101111", "111101111001111",
)]).reshape(10, 5, 3)  # fmt: skip
SMALLEST_NUMBERED = 20  # pixels: in a smaller digit, nobody could read the numerals
LARGEST = 4000  # pixels: how wide a picture may be, zoomed in

FRAMES_PER_SECOND = 25  # of a movie
NEW_GROUP = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)  # Windows' name for a session of its own
GIF_FRAME, GIF_END = 200, 2000  # milliseconds for each frame of a GIF, and for its last
NOTEBOOK_PICTURES_PER_SECOND = 4
WINDOW_FRAME = 100  # pixels that title, tools and task bar take from a screen's height
LOOK = 5  # milliseconds between two looks whether the training has something to show
MENDED = 1  # second: a browser gets a whole picture no more often
PAD_HINTS = (
    "clear: right button or backspace; c: centring",
    "a test digit, until you write your own over it, with the mouse",
    "write a digit, with the mouse",
)
NO_PREDICT = """\
For bars, give a function predict(X), which
makes probabilities [n, 10] of images
[n, 28, 28, 1]: MnistDataVis(predict=predict)"""
FINGER = """
// matplotlib's page knows the mouse only: what a finger does is told as if a mouse did it
const mouse = { touchstart: "mousedown", touchmove: "mousemove", touchend: "mouseup" };
for (const touch in mouse) {
    document.addEventListener(touch, (event) => {
        const { target, clientX, clientY } = event.changedTouches[0];
        if (!target.firstElementChild?.matches("canvas")) return;  // it is not on the picture
        const buttons = touch === "touchend" ? 0 : 1;
        target.dispatchEvent(new MouseEvent(mouse[touch], { bubbles: true, clientX, clientY, buttons }));
        event.preventDefault();  // no scrolling
    }, { passive: false });
}
"""
NOT_SHOWN = "shown only of weights [784, n], or of a convolution's [h, w, 1, n]"
HELP = """\
1 ... 6   one panel
7         accuracy and loss
8         weights and biases
9         training and test digits
0, esc    all six
space     pause, go on
right     one update, when paused
d         your own digit; in there
          c: centring, backspace: clear
m         confusion matrix; click a cell
w         weights of the first layer
o, h      zoom into a box, back
ctrl-s    save the picture
?         show or hide this
q         end the run"""


DEFAULTS = argparse.Namespace(text=False, view="0", save_image=None, save_movie=None, save_network=None)


class MnistDataVis:
    """One training run: prints what it is shown, and draws it."""

    def __init__(self, options=None, iterations_per_epoch=None, digits=None, predict=None):
        self.options = options or DEFAULTS
        self.iterations_per_epoch = iterations_per_epoch
        self.digits = digits  # where they come from, in words
        self.networks = {"": predict} if predict else {}  # images [n, 28, 28, 1] -> probabilities [n, 10]
        if self.options.save_network and not predict:
            give_up("--save-network: there is none without MnistDataVis(predict=...).")
        self.test_accuracies = []
        self.record = None  # what is drawn, if anything is
        self.news = []  # what is to be added to it, each a method of the record and its arguments
        self.failed = False  # to save the network

    def animate(self, training_step, iterations, train_data_update_freq, test_data_update_freq):
        """Train, and watch."""
        figure = None if self.options.text else open_figure(self.options)
        if not figure:
            self.print_only(training_step, iterations, train_data_update_freq, test_data_update_freq)
            return
        self.record = Record(iterations, self.iterations_per_epoch, self.networks)
        calls = schedule(iterations, train_data_update_freq, test_data_update_freq)
        dashboard = Dashboard(figure, self.record, VIEWS[self.options.view])
        player = Player(dashboard, self.train(training_step, calls), self.print_summary)
        try:
            player.play(self.options)
        except KeyboardInterrupt:
            player.finish()
            sys.exit(130)
        if self.failed:
            sys.exit(1)

    def print_only(self, training_step, iterations, train_data_update_freq, test_data_update_freq):
        """Train, and read."""
        try:
            for call in schedule(iterations, train_data_update_freq, test_data_update_freq):
                training_step(*call)
        except KeyboardInterrupt:
            self.print_summary()
            sys.exit(130)
        self.print_summary()
        if self.failed:
            sys.exit(1)

    def train(self, training_step, calls):
        """After each call: how many iterations are done, and what is to be added to the record."""
        for i, n, update_test_data, update_train_data in calls:
            training_step(i, n, update_test_data, update_train_data)
            news, self.news = self.news, []
            yield i + n, news

    def update_train_data(self, i, X, Y_, Y, loss, weights, biases, learning_rate=None):
        """After `i` iterations: the next batch, its right answers, the network's, their loss; variables."""
        X, Y_, Y = check(X, Y_, Y)
        share, loss = accuracy(Y, Y_), float(loss)
        rate = "" if learning_rate is None else f" (lr:{float(learning_rate):.6f})"
        print(f"{i}: accuracy:{share:.4f} loss: {loss:.4f}{rate}", flush=True)
        if self.record:
            bands = percentiles(weights, "weights"), percentiles(biases, "biases")
            digits = wrong_first(X, Y_, Y, DIGITS_SHOWN[3][0])
            layer = first_layer(weights, biases)
            self.news.append((self.record.add_train, i, share, loss, *bands, digits, layer))

    def update_test_data(self, i, X, Y_, Y, loss):
        """After `i` iterations: the test digits, their right answers, the network's, and their loss."""
        X, Y_, Y = check(X, Y_, Y)
        share, loss = accuracy(Y, Y_), float(loss)
        self.test_accuracies.append(share)
        epoch = f"epoch {i // self.iterations_per_epoch + 1} ********* " if self.iterations_per_epoch else ""
        print(f"{i}: ********* {epoch}test accuracy:{share:.4f} test loss: {loss:.4f}", flush=True)
        if self.record:
            digits = wrong_first(X, Y_, Y, DIGITS_SHOWN[6][0])
            answers = X, np.argmax(Y_, axis=1), np.argmax(Y, axis=1), Y.shape[1]
            self.news.append((self.record.add_test, i, share, loss, digits, answers))

    def print_summary(self):
        """The last lines of a run; before them, save the network, if it is to be saved."""
        if folder := self.options.save_network:
            try:
                save_network(self.networks[""], folder)
                print(f"the network is in {folder}")
            except Exception as fault:  # TensorFlow has its own for a full disk
                print(f"the network is not in {folder}: {fault}", file=sys.stderr)
                self.failed = True
        if self.digits:
            print(f"digits: {self.digits}")
        if self.test_accuracies:
            print(f"final test accuracy: {self.test_accuracies[-1]:.4f}")
            print(f"max test accuracy: {max(self.test_accuracies):.4f}", flush=True)


def check(X, Y_, Y):
    """The three as arrays, if their shapes fit together."""
    X, Y_, Y = np.asarray(X), np.asarray(Y_), np.asarray(Y)
    square = X.ndim == 2 and math.isqrt(X.shape[1]) ** 2 == X.shape[1]
    if len(X) == 0 or not (square or X.ndim in (3, 4)):
        raise ValueError(
            f"X: images [n, height, width, channels] or [n, pixels] are needed, not {[*X.shape]}."
        )
    if Y_.ndim != 2 or len(Y_) != len(X):
        raise ValueError(f"Y_: one-hot answers [{len(X)}, classes] are needed, not {[*Y_.shape]}.")
    if Y.shape != Y_.shape:
        raise ValueError(f"Y: probabilities {[*Y_.shape]} are needed, as in Y_, not {[*Y.shape]}.")
    return X, Y_, Y


def accuracy(Y, Y_):
    """The share of the answers Y [n, 10] whose largest probability is where the right one, Y_ [n, 10], is."""
    return np.mean(np.argmax(Y, axis=1) == np.argmax(Y_, axis=1))


def schedule(iterations, train_data_update_freq, test_data_update_freq):
    """The arguments of each call of training_step: (i, n, update_test_data, update_train_data).

    Tests come more often at the start, when most happens: with every update of the training data.
    """
    i = 0
    while i < iterations:
        update_train_data = i % train_data_update_freq == 0
        update_test_data = i % test_data_update_freq == 0 or (update_train_data and i < test_data_update_freq)
        to_next_train = train_data_update_freq - i % train_data_update_freq
        to_next_test = test_data_update_freq - i % test_data_update_freq
        n = min(to_next_train, to_next_test, iterations - i)
        yield i, n, update_test_data, update_train_data
        i += n
    yield iterations, 0, True, False


# ---------------------------------------------------------------------------------------------- what is shown


class Record:
    """What a run has shown so far: numbers for the curves, and the digits of the latest updates."""

    def __init__(self, iterations, iterations_per_epoch=None, networks=()):
        self.iterations, self.iterations_per_epoch, self.iteration = iterations, iterations_per_epoch, 0
        self.train, self.test = Series(2), Series(2)  # accuracy, loss
        self.weights, self.biases = Series(len(EDGES)), Series(len(EDGES))
        self.digits = {}  # as wrong_first returns them, by panel
        # of the last test: images, right and given answers; how many classes
        self.answers = np.zeros((0, 1, 1)), *np.zeros((2, 0), int), 10
        self.chosen = None  # the cell of the confusion matrix that has been clicked at
        self.layer = None  # the first one, as first_layer returns it
        self.neurons = []  # those of them that are shown
        self.networks, self.pad = dict(networks), handwriting.Pad()
        self.changed = set()  # panels that have changed since they were last drawn

    def add_test(self, i, share, loss, digits, answers):
        self.test.add(i, share, loss)
        self.digits[6], self.answers = digits, answers
        self.changed |= {1, 2, 6, "bars", "matrix", "cell"}
        if not self.pad.touched:
            self.pad.print(unit(pixels(answers[0][:1]))[0])
            self.changed |= {"pad", "input", "answers"}

    def write(self, start, end):
        self.pad.write(start, end)
        self.changed |= {"pad", "input", "bars", "answers"}

    def clear(self):
        self.pad.clear()
        self.changed |= {"pad", "input", "bars", "answers"}

    def switch_centring(self):
        self.pad.centring = not self.pad.centring
        self.changed |= {"input", "bars", "answers"}

    def choose(self, right, given):
        if {right, given} <= set(range(self.answers[3])):  # else it was beside the cells
            self.chosen = right, given
            self.changed |= {"matrix", "cell"}

    def cell(self):
        """The cell of the confusion matrix that is looked at: the one clicked at, or the worst."""
        return self.chosen or next(iter(worst_pairs(confusion(*self.answers[1:]), 1)), (0, 0))

    def cell_digits(self, most):
        """As wrong_first returns them."""
        images, right, given, _ = self.answers
        k = digits_of(right, given, *self.cell())
        return pixels(images[k[:most]]), right[k[:most]], given[k[:most]], len(k)

    def probabilities(self):
        """What each network says about the digit on the pad.

        It is asked while it trains, for a stroke should not have to wait; some weights may then be a step
        older than others, which nobody can see.
        """
        X = self.pad.picture()[np.newaxis, ..., np.newaxis].astype(np.float32)
        for predict in self.networks.values():
            Y = np.asarray(predict(X))
            if Y.shape != (1, 10):
                raise ValueError(
                    f"predict: probabilities [1, 10] are needed for one image, not {[*Y.shape]}."
                )
            yield Y[0]

    def add_train(self, i, share, loss, weights, biases, digits, layer):
        self.train.add(i, share, loss)
        self.weights.add(i, *weights)
        self.biases.add(i, *biases)
        self.digits[3], self.layer = digits, layer
        if layer:
            self.neurons = keep_places(self.neurons, strongest(layer[0], NEURONS_SHOWN))
        self.changed |= {1, 2, 3, 4, 5, "bars", "weights", "answers"}

    def limits(self, panel, now):
        """What a panel should show, (left, right, bottom, top), if `now` is what it shows: in steps."""
        if panel in PICTURES:
            columns, rows, _ = self.grid(panel)
            return 0, columns, rows, 0
        if panel == "bars":
            return 0, 1.3, 10, 0  # room for the numbers beside the bars
        right = min(round_up(max(self.iteration, 100), steps=(1, 2, 5, 10)), self.iterations) or 1
        if panel == 1:
            floor = min(floor_of(series.y[:, 0], now[2]) for series in (self.train, self.test))
            return 0, right, floor, 1 + (1 - floor) / 40
        if panel == 2:
            ceiling = max(ceiling_of(series.y[:, 1], now[3]) for series in (self.train, self.test))
            return 0, right, 0, ceiling or 1
        edges = (self.weights if panel == 4 else self.biases).y
        edges = edges[np.isfinite(edges).all(axis=1)]
        low, high = (round_up(-edges[:, 0].min()), round_up(edges[:, -1].max())) if len(edges) else (0, 0)
        least = max(low, high) / 10 or 0.1
        return 0, right, -max(low, least), max(high, least)

    def grid(self, panel):
        """Columns and rows of digits, and how many there are in all, of which these are the first."""
        if panel in ("pad", "input"):
            return 1, 1, 1
        if panel == "matrix":
            classes = self.answers[3]
            return classes, classes, classes**2
        if panel == "cell":
            total = len(digits_of(*self.answers[1:3], *self.cell()))
            across = next((across for across in CELL_GRIDS if across**2 >= total), CELL_GRIDS[-1])
            return across, across, total
        if panel in ("weights", "answers"):
            columns = max(1, round(math.sqrt(0.85 * len(self.neurons))))
            return columns, math.ceil(len(self.neurons) / columns) or 1, len(self.neurons)
        most, shape = DIGITS_SHOWN[panel]
        shown, total = (
            (len(self.digits[panel][0]), self.digits[panel][3]) if panel in self.digits else (most, 10 * most)
        )
        columns = math.ceil(math.sqrt(shown * shape))
        return columns, math.ceil(shown / columns), total


class Series:
    """Rows of numbers, each with its iteration, in an array that doubles when it is full."""

    def __init__(self, width):
        self.length, self.rows = 0, np.empty((64, 1 + width))

    def add(self, i, *values):
        if self.length == len(self.rows):
            self.rows = np.concatenate([self.rows, np.empty_like(self.rows)])
        self.rows[self.length] = i, *values
        self.length += 1

    @property
    def x(self):
        return self.rows[: self.length, 0]

    @property
    def y(self):
        return self.rows[: self.length, 1:]


def percentiles(arrays, name):
    """The edges of the seven bands that hold a seventh of all the numbers each."""
    try:
        values = np.concatenate([np.ravel(array) for array in arrays])
    except (TypeError, ValueError):
        raise ValueError(f"{name}: a list of arrays is needed, one for each layer.") from None
    return np.quantile(values, EDGES) if np.isfinite(values).all() else np.full(len(EDGES), np.nan)


def wrong_first(X, Y_, Y, most):
    """The first `most` digits, wrong ones first: images, right and given answers, and out of how many."""
    right, given = np.argmax(Y_, axis=1), np.argmax(Y, axis=1)
    order = np.argsort(right == given, kind="stable")[:most]
    return pixels(X)[order], right[order], given[order], len(right)


def pixels(X):
    """Images as [n, height, width]; they come so, or with channels, or as rows of a square's pixels."""
    if X.ndim == 2:
        side = math.isqrt(X.shape[1])
        return X.reshape(-1, side, side)
    return X if X.ndim == 3 else X[..., 0] if X.shape[3] == 1 else X.mean(axis=3)


def unit(images):
    """Their brightness as numbers 0..1."""
    return images / np.float32(255) if images.dtype == np.uint8 else images


def mosaic(digits, columns, rows, side):
    """A picture, RGBA bytes [rows * side, columns * side, 4], of digits as wrong_first returns them."""
    images, right, given, _ = digits
    images = unit(images)
    zoom = side // 14 if side >= SMALLEST_NUMBERED else 0  # pixels for a dot of the numerals
    wrong = right != given
    cells = np.full((rows * columns, side, side), WHITE)
    cells[: len(images)][wrong] = SHADES[1, 0]
    for group, size in (~wrong, side), (wrong, side - 3 * zoom):  # the wrong ones leave room for numerals
        k, margin = np.flatnonzero(group), (side - size) // 2
        small = handwriting.resize(images[k], size, size)
        shades = (np.clip(small, 0, 1) * 255).astype(np.uint8)
        cells[k, :size, margin : margin + size] = SHADES[int(group is wrong), shades]
    if zoom:
        numerals = NUMERALS.repeat(zoom, 1).repeat(zoom, 2)  # [10, h, w]
        h, w = numerals.shape[1:]
        for answers, left, color in (right, 1, WHITE), (given, side - w - 2, BLACK):
            k = np.flatnonzero(wrong & (answers < 10))
            corner = cells[k, side - h - 2 : side - 2, left : left + w]
            corner[numerals[answers[k]]] = color
            cells[k, side - h - 2 : side - 2, left : left + w] = corner
        cells[:, -1:] = cells[:, :, -1:] = WHITE  # a thin line between neighbours
    return together(cells, columns, rows)


def together(cells, columns, rows):
    """A picture, RGBA bytes, of cells [rows * columns, side, side]."""
    side = cells.shape[1]
    cells = cells.reshape(rows, columns, side, side).swapaxes(1, 2).reshape(rows * side, columns * side, 1)
    return cells.view(np.uint8)


def tiles(values, columns, rows, side, chosen=None):
    """A picture like a mosaic's, of numbers [n, h, w]: -1 is blue, 0 white, 1 red."""
    cells = np.full((rows * columns, side, side), WHITE)
    inner = side - max(1, side // 20)
    shades = np.rint(128 + 128 * np.clip(handwriting.resize(values, inner, inner), -1, 1)).astype(int)
    shown = cells[: len(values), :inner, :inner]
    shown[:] = SIGNED[shades]
    border(shown, FRAME, 1)
    if chosen is not None:
        border(shown[chosen : chosen + 1], CHOSEN, max(2, side // 20))
    return together(cells, columns, rows)


def border(cells, color, width):
    cells[:, :width] = cells[:, -width:] = cells[:, :, :width] = cells[:, :, -width:] = color


def confusion(right, given, classes):
    """How many digits of each class, in rows, got each answer, in columns."""
    return np.bincount(right * classes + given, minlength=classes**2).reshape(classes, classes)


def worst_pairs(matrix, most):
    """The cells with the most wrong answers, [(right, given), ...]."""
    wrong = matrix * (1 - np.eye(len(matrix), dtype=int))
    order = np.argsort(-wrong, axis=None, kind="stable")[:most]
    pairs = [divmod(int(k), len(matrix)) for k in order]
    return [pair for pair in pairs if wrong[pair]]


def digits_of(right, given, row, column):
    """The numbers of the digits in a cell of the confusion matrix."""
    return np.flatnonzero((right == row) & (given == column))


def first_layer(weights, biases):
    """Copies of its weights as images [n, h, w], of its biases [n], and whether it is a convolution.

    That is for weights [784, n], or [h, w, 1, n] of a convolution; there is nothing to see of others.
    """
    shape = np.shape(weights[0])
    convolution = len(shape) == 4 and shape[2] == 1
    if not convolution and (len(shape) != 2 or shape[0] != handwriting.SIZE**2):
        return None
    n, sides = shape[-1], shape[:2] if convolution else (handwriting.SIZE, handwriting.SIZE)
    bias = np.array(biases[0]) if np.shape(biases[0]) == (n,) else np.zeros(n)
    return np.array(weights[0]).reshape(-1, n).T.reshape(n, *sides), bias, convolution


def answers(weights, biases, convolution, picture):
    """What neurons make of a picture [28, 28]: each pixel times its weight, or relu(convolution + bias)."""
    if not convolution:
        return weights * picture
    h, w = weights.shape[1:]
    margins = ((h - 1) // 2, h // 2), ((w - 1) // 2, w // 2)  # padding "SAME"
    patches = np.lib.stride_tricks.sliding_window_view(np.pad(picture, margins), (h, w))
    return np.maximum(0, np.einsum("ijhw,nhw->nij", patches, weights) + biases[:, None, None])


def strongest(images, most):
    """The numbers of those with the largest norms, in the order in which they come."""
    norms = np.nan_to_num(np.square(images).sum(axis=(1, 2)))
    return sorted(np.argsort(-norms, kind="stable")[:most].tolist())


def keep_places(before, now):
    """`now` in an order in which those of `before` keep their places."""
    new = [k for k in now if k not in before]
    return [k if k in now else new.pop(0) for k in before] if before else now


def scale(columns, rows, total):
    """Marks beside the test digits, {row: share}: wrong ones come first, so the red ends at the accuracy."""
    step = next(step for step in (5, 4, 3, 2, 1) if rows % step == 0)
    return {row: max(0, 1 - row * columns / total) for row in range(0, rows + 1, step)}


def round_up(x, steps=(1, 1.5, 2, 3, 4, 6, 8, 10)):
    """The next of 0.1, 0.15, 0.2, 0.3, ... 1, 1.5, 2, 3, ...; 0 for what is not above 0."""
    if not 0 < x < math.inf:
        return 0.0
    power = 10.0 ** math.floor(math.log10(x) + 1e-9)
    return next(step * power for step in steps if step * power >= x * (1 - 1e-9))


def floor_of(values, floor):
    """Where the accuracy panel starts: as high as it can if that hides a tenth of the curve, not its end.

    `floor` is where it starts now: it stays until a fifth would be hidden, lest the panel flicker.
    """
    for f in FLOORS:
        if (
            len(values)
            and np.mean(values < f) <= (0.2 if f == floor else 0.1)
            and np.median(values[-10:]) >= f
        ):
            return f
    return 0


def ceiling_of(values, ceiling):
    """Where the loss panel ends: it may cut off a tenth of the curve, but not its end; it shrinks late."""
    values = values[np.isfinite(values)]
    if not len(values):
        return 0
    high = 1.1 * max(np.quantile(values, 0.9), np.median(values[-10:]))
    return ceiling if round_up(high) <= ceiling <= round_up(1.3 * high) else round_up(high)


def thin(x, y, most):
    """Curves with no more than about 2 * `most` points: the lowest and the highest of each stretch remain."""
    stretch = len(x) // most
    if stretch < 2:
        return x, y
    starts = np.arange(0, len(x), stretch)
    low, high = np.fmin.reduceat(y, starts), np.fmax.reduceat(y, starts)
    return x[starts].repeat(2), np.stack([low, high], axis=1).reshape(-1, *y.shape[1:])


# -------------------------------------------------------------------------------------------- how it is drawn


def layout(width, height, panels, em, grids):
    """Where panels go: {panel: (cell, axes)}, each (left, bottom, width, height) in whole pixels from below.

    Cells fill the space without overlap; a mosaic gets whole pixels for each digit.
    """
    shares = COLUMNS.get(panels) or COLUMNS[min(len(panels), 3)]
    edges = [round(share * width) for share in shares]
    columns = len(edges) - 1
    rows = len(panels) // columns
    h = int(height) // rows
    places = {}
    for k, panel in enumerate(panels):
        x, y = edges[k % columns], (rows - 1 - k // columns) * h
        w = edges[k % columns + 1] - x
        left, right, bottom, top = (round(margin * em) for margin in MARGINS[panel])
        axes = x + left, y + bottom, max(1, w - left - right), max(1, h - bottom - top)
        if panel in grids:
            across, down, _ = grids[panel]
            side = max(1, min(axes[2] // across, axes[3] // down))
            axes = axes[0], axes[1] + axes[3] - side * down, side * across, side * down
        places[panel] = (x, y, w, h), axes
    return places


class Dashboard:
    """The panels: artists are made once and updated; a frame redraws what has changed."""

    def __init__(self, figure, record, panels):
        self.figure, self.canvas, self.record = figure, figure.canvas, record
        self.name = Path(getattr(sys.modules["__main__"], "__file__", None) or "").stem  # none in a notebook
        self.speed, self.status = "", ""
        self.parts_sent = False  # since the last whole picture, which was sent at:
        self.whole_sent = 0.0  # seconds
        self.panels = panels  # those in view
        self.grids = self.grids_in_view()
        self.automatic = {panel: set() for panel in PANELS}  # limits that the learner has not chosen
        self.texts = []  # each with its size
        self.labels = {panel: [] for panel in PANELS}  # small words in it, anew with each refresh
        self.words = {}  # texts that change, by panel, of which 0 is the header, and what they tell
        self.blanks = {}  # pictures of panels without what moves: the limits shown there, and the pixels
        self.axes = {0: figure.add_axes((0, 0, 1, 1), label="board", zorder=-1, navigate=False)}
        self.axes |= {panel: figure.add_axes((0, 0, 1, 1), label=title) for panel, title in PANELS.items()}
        make = {1: self.curves, 2: self.curves, 4: self.bands, 5: self.bands, "bars": self.bars}
        self.artists = {panel: make.get(panel, self.picture)(panel) for panel in PANELS}
        for panel, title in PANELS.items():
            height = MARGINS[panel][3] - 1.6
            self.text(panel, title, 0, 1, 0, height, 1, weight="bold")
        self.board()
        self.canvas.mpl_connect("resize_event", lambda event: self.resize())
        self.canvas.mpl_connect("draw_event", lambda event: self.after_draw())
        self.fit()
        self.arrange()

    def text(self, panel, words, x, y, dx, dy, size=1, **style):
        """Words at a place in a panel, moved by their own height; all of them grow with the window."""
        text = self.axes[panel].annotate(words, (x, y), (dx, dy), "axes fraction", "offset fontsize", **style)
        self.texts.append((text, size))
        return text

    def board(self):
        """The header, and the list of keys."""
        self.axes[0].axis("off")
        for word, x in HEADER_COLUMNS.items():
            weight = "bold" if word == "name" else "normal"
            self.words[0, word] = self.text(0, "", x, 1, 0, -1.2, va="center", weight=weight, animated=True)
        self.help = self.text(0, HELP, 0.5, 0.5, 0, 0, 1.2, va="center", ha="center", family="monospace")
        frame = {"facecolor": "white", "edgecolor": DARK, "boxstyle": "round,pad=1.5"}
        self.help.set(animated=True, visible=False, linespacing=1.6, multialignment="left", bbox=frame)

    def chart(self, panel):
        axes = self.axes[panel]
        axes.grid(color=LIGHT, linewidth=0.8)
        axes.set_axisbelow(True)
        axes.spines[:].set_color(GREY)
        axes.tick_params(color=GREY, labelcolor=DARK, length=3)
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.locator_params(nbins=5)
        return axes

    def curves(self, panel):
        axes, lines = self.chart(panel), []
        for word, color, dx in (TRAINING, BLUE, -8), (TEST, RED, 0):
            lines += axes.plot([], [], color=color, animated=True)
            self.text(panel, word, 1, 1, dx - 4.2, 0.5, 0.9, ha="right", color=color)
            style = {"ha": "right", "color": color, "animated": True}
            self.words[panel, word] = self.text(panel, "", 1, 1, dx, 0.5, 0.9, **style)
        return lines

    def bands(self, panel):
        axes = self.chart(panel)
        style = {"linewidth": 0, "animated": True}
        return [axes.fill([0], [0], color=shade, **style)[0] for shade in BAND_COLORS[panel]]

    def bars(self, panel):
        axes, bars = self.chart(panel), []
        axes.spines[["top", "right", "bottom"]].set_visible(False)
        axes.grid(False)
        axes.set(xticks=[], yticks=np.arange(10) + 0.5, yticklabels=range(10))
        thickness = 0.8 / (len(self.record.networks) or 1)
        for k, (name, color) in enumerate(zip(self.record.networks, NETWORK_COLORS)):
            middles = np.arange(10) + 0.1 + (k + 0.5) * thickness
            bars += axes.barh(middles, 0, 0.9 * thickness, color=color, animated=True)
            self.text(panel, f"■ {name}" if name else "", 0, 0, 0, -0.5 - 1.3 * k, va="top", color=color)
        if not self.record.networks:
            self.text(panel, NO_PREDICT, 0, 1, 1, -1, va="top")
        return bars

    def picture(self, panel):
        axes = self.axes[panel]
        axes.spines[:].set_visible(False)
        axes.yaxis.tick_right()
        axes.tick_params(color=GREY, labelcolor=DARK, length=3)
        self.text(panel, CAPTIONS.get(panel, ""), 0, 0, 0, -0.5, 0.85, va="top")
        style = {"va": "top", "animated": True}
        self.words[panel, "caption"] = self.text(panel, "", 0, 0, 0, -0.5, 0.85, **style)
        self.words[panel, "title"] = self.text(panel, "", 0, 1, 0, 0.4, 1, weight="bold", animated=True)
        blank = np.full((1, 1, 3), 255, np.uint8)
        style = {"animated": True, "mouseover": False}  # the toolbar does not show the colors
        picture = axes.imshow(blank, interpolation="nearest", aspect="auto", **style)
        axes.set(xticks=[], yticks=[])
        axes.format_coord = lambda x, y: ""  # nor where the mouse is
        if panel == "matrix":
            axes.xaxis.tick_top()
            axes.yaxis.tick_left()
            axes.tick_params(length=0)
        return [picture]

    def show(self, panels):
        self.panels = panels
        self.grids = self.grids_in_view()
        self.fit()
        self.arrange()
        self.wipe((0, 0, *self.figure.bbox.size))
        self.paint((0, *panels))
        self.send()

    def grids_in_view(self):
        return {panel: self.record.grid(panel) for panel in self.panels if panel in PICTURES}

    def arrange(self):
        """Put the panels in view where they belong, in letters that suit the size of the figure."""
        width, height = self.figure.bbox.size
        em = max(SMALLEST_EM, EM * min(width / WIDTH, height / HEIGHT))  # pixels
        points = 72 / self.figure.dpi
        below = int(height - HEADER * em)
        letter = em * (LARGER if len(self.panels) < 3 or "pad" in self.panels else 1)
        places = layout(width, below, self.panels, letter, self.grids)
        self.letter = letter * points
        for panel in PANELS:
            self.axes[panel].set_visible(panel in places)
            self.axes[panel].set_navigate(panel in places)  # or a hidden one would take the mouse for itself
            self.axes[panel].tick_params(labelsize=0.85 * self.letter)
        if 6 in self.grids:
            marks = scale(*self.grids[6])
            self.axes[6].set_yticks(list(marks), [f"{100 * share:.4g}%" for share in marks.values()])
        if "matrix" in self.grids:
            classes = range(self.grids["matrix"][0])
            self.axes["matrix"].set_xticks([k + 0.5 for k in classes], classes)
            self.axes["matrix"].set_yticks([k + 0.5 for k in classes], classes)
        for text, size in self.texts:
            text.set_fontsize(size * points * (em if text.axes is self.axes[0] else letter))
        self.cells = {panel: cell for panel, (cell, _) in places.items()}
        edges = [round(width * x) for x in (*HEADER_COLUMNS.values(), 1)]
        for k, word in enumerate(HEADER_COLUMNS):
            self.cells[word] = edges[k], below, edges[k + 1] - edges[k], int(height) - below
        for panel, (_, (left, bottom, w, h)) in places.items():
            self.axes[panel].set_position((left / width, bottom / height, w / width, h / height))
            if panel in (1, 2):
                for line, linewidth in zip(self.artists[panel], LINES, strict=True):
                    line.set_linewidth(linewidth * letter * points)
        if self.canvas.toolbar:
            self.canvas.toolbar.update()  # or its home button would put panels back where they were

    def resize(self):
        self.blanks.clear()
        self.arrange()

    def fit(self, zoomed_too=False):
        """Adjust what the panels in view show, unless the learner has zoomed in; those that it changed."""
        changed = []
        for panel in self.panels:
            axes, automatic = self.axes[panel], self.automatic[panel]
            now = (*axes.get_xlim(), *axes.get_ylim())
            wanted = tuple(map(float, self.record.limits(panel, now)))
            if wanted != now and (now in automatic or not automatic or zoomed_too):
                axes.set(xlim=wanted[:2], ylim=wanted[2:])
                automatic.add(wanted)
                changed.append(panel)
        return changed

    def frame(self):
        """Redraw what has changed."""
        if self.grids_in_view() != self.grids or not self.blanks:
            self.blanks.clear()
            self.show(self.panels)
            return
        changed = {*self.fit(), *self.record.changed}
        if self.paint([panel for panel in self.panels if panel in changed]):
            self.send()

    def send(self):
        """To the screen."""
        self.canvas.blit()
        self.parts_sent = True

    def mend(self):
        """A browser gets what has changed, and a busy one loses some of it: send all, now and then."""
        now = time.perf_counter()
        if hasattr(self.canvas, "get_diff_image") and self.parts_sent and now - self.whole_sent > MENDED:
            self.canvas._force_full = True  # there is no public way
            self.canvas.blit()
            self.parts_sent, self.whole_sent = False, now

    def after_draw(self):
        """The figure has been drawn as a whole, but for what moves."""
        if self.figure.canvas.is_saving():
            self.blanks.clear()  # on a fine screen, the canvas comes back from it empty
            return
        for panel in self.panels:
            self.keep(panel)
        self.paint((0, *self.panels))
        self.parts_sent = True

    def keep(self, panel):
        cell, axes = self.cells[panel], self.axes[panel]
        self.blanks[panel, cell] = axes.viewLim.extents.tolist(), self.canvas.copy_from_bbox(box(cell))

    def blank(self, panel):
        """Draw a panel without what moves: from its picture, if there is one with the same limits."""
        cell, axes = self.cells[panel], self.axes[panel]
        limits, kept = self.blanks.get((panel, cell), (None, None))
        if limits == axes.viewLim.extents.tolist():
            self.canvas.restore_region(kept)
        else:
            self.wipe(cell)
            self.figure.draw_artist(axes)
            self.keep(panel)

    def wipe(self, region):
        patch = self.figure.patch
        patch.set_clip_box(box(region))
        self.figure.draw_artist(patch)
        patch.set_clip_box(None)

    def paint(self, panels):
        """Draw these panels, and the words of the header that have changed; True if there was anything."""
        sayings = {
            (panel, word): saying
            for (panel, word), saying in self.sayings().items()
            if panel in panels or (panel == 0 and saying != self.words[0, word].get_text())
        }
        for panel in panels:
            if panel:
                self.refresh(panel)
                self.blank(panel)
                artists = [*self.artists[panel], *self.labels[panel]]
                if panel in PICTURES and self.axes[panel].get_xlim() == (0, self.grids[panel][0]):
                    self.draw_picture(panel)
                    artists = self.labels[panel]
                for artist in artists:
                    self.axes[panel].draw_artist(artist)
        for (panel, word), saying in sayings.items():
            if panel == 0:
                self.wipe(self.cells[word])
            self.words[panel, word].set_text(saying)
            self.axes[panel].draw_artist(self.words[panel, word])
        if self.help.get_visible():
            self.axes[0].draw_artist(self.help)
        self.record.changed.clear()
        return bool(panels or sayings)

    def draw_picture(self, panel):
        """Pixel by pixel: matplotlib's way, which fits pictures to axes, takes ten times as long."""
        renderer = self.canvas.get_renderer()
        context = renderer.new_gc()
        renderer.draw_image(context, *self.axes[panel].bbox.min, self.artists[panel][0].get_array()[::-1])
        context.restore()

    def title(self):
        words = self.sayings()
        iteration = " ".join(words[0, word] for word in ("iteration", "i", "of"))
        rest = (words[0, word] for word in ("epoch", "accuracy", "speed", "status"))
        return " · ".join(word for word in (self.name, iteration, *rest) if word)

    def sayings(self):
        """All the words that change."""
        record = self.record
        epoch = record.iterations_per_epoch and f"epoch {record.iteration // record.iterations_per_epoch + 1}"
        words = {
            (0, "name"): self.name,
            (0, "iteration"): "iteration" if record.iterations else "",
            (0, "i"): f"{record.iteration:,}" if record.iterations else "",
            (0, "of"): f"of {record.iterations:,}" if record.iterations else "",
            (0, "epoch"): epoch or "",
            (0, "accuracy"): f"test accuracy {record.test.y[-1, 0]:.4f}" if record.test.length else "",
            (0, "speed"): self.speed,
            (0, "status"): self.status or "? for the keys",
        }
        for word, series in (TRAINING, record.train), (TEST, record.test):
            accuracy, loss = series.y[-1] if series.length else (math.nan, math.nan)
            words |= {(1, word): f"{accuracy:.4f}", (2, word): f"{loss:.4f}" if loss < 1 else f"{loss:.4g}"}
        words["input", "caption"] = "28x28 pixels, " + ("centred" if record.pad.centring else "not centred")
        words["pad", "caption"] = PAD_HINTS[0 if record.pad.touched else 1 if record.test.length else 2]
        words["weights", "caption"] = (
            "red: ink counts for it, blue: against it" if record.layer else NOT_SHOWN
        )
        if "matrix" in self.panels and record.test.length:
            counts, (right, given) = confusion(*record.answers[1:]), record.cell()
            worst = (f"{r} as {g} ({counts[r, g]})" for r, g in worst_pairs(counts, WORST))
            words["matrix", "caption"] = f"most often: {', '.join(worst)}"
            share = f"{counts[right, given]:,} of {counts[right].sum():,}"
            words["cell", "title"] = f"{right} read as {given}: {share}"
        return words

    def refresh(self, panel):
        """Give the artists of a panel what the record has for them."""
        record, artists = self.record, self.artists[panel]
        if panel in (1, 2):
            for line, series in zip(artists, (record.train, record.test), strict=True):
                line.set_data(*thin(series.x, series.y[:, panel - 1], MOST_POINTS))
                line.set_marker("o" if series.length == 1 else "")  # a line of one point would not be seen
        elif panel in (4, 5):
            series = record.weights if panel == 4 else record.biases
            known = np.isfinite(series.y).all(axis=1)
            x, y = thin(series.x[known], series.y[known], MOST_POINTS)
            for k, band in enumerate(artists):  # the widest first, narrower ones on top of it
                edge = np.append(y[:, k], y[::-1, -1 - k])
                band.set_xy(np.stack([np.append(x, x[::-1]), edge], axis=1))
        elif panel == "bars":
            probabilities = np.nan_to_num(list(record.probabilities()))
            for bar, p in zip(artists, np.ravel(probabilities)):
                bar.set_width(p)
            self.label(panel, [
                (p + 0.02, bar.get_y() + bar.get_height() / 2, f"{p:.1%}", bar.get_facecolor())
                for bar, p in zip(artists, np.ravel(probabilities)) if p >= 0.01
            ], va="center")  # fmt: skip
        else:
            columns, rows, _ = self.grids[panel]
            side = self.axes[panel].bbox.width / abs(np.ptp(self.axes[panel].get_xlim()))  # zoomed in: more
            side = int(np.clip(round(side), 1, LARGEST // columns))
            picture = self.pixels(panel, columns, rows, side)
            artists[0].set(data=picture, extent=(0, columns, rows, 0))

    def pixels(self, panel, columns, rows, side):
        """The picture in a panel; it writes the words in it, too."""
        record, grid = self.record, (columns, rows, side)
        if panel == "matrix":
            return self.matrix(*grid)
        if panel in ("weights", "answers"):
            return self.first_layer(panel, *grid)
        if panel in ("pad", "input"):
            image = record.pad.ink if panel == "pad" else record.pad.picture()
            picture = mosaic((image[np.newaxis], *np.zeros((2, 1), int), 1), *grid)
            border(picture.view(np.uint32)[np.newaxis, ..., 0], FRAME, 1)
            return picture
        nothing = np.zeros((0, 1, 1)), *np.zeros((2, 0), int), 0
        digits = record.cell_digits(columns * rows) if panel == "cell" else record.digits.get(panel, nothing)
        return mosaic(digits, *grid)

    def matrix(self, columns, rows, side):
        counts = confusion(*self.record.answers[1:])
        wrong = counts * (1 - np.eye(len(counts), dtype=int))
        shades = np.where(np.eye(len(counts)), RIGHT, wrong / (wrong.max() or 1))
        worst, cell = worst_pairs(counts, WORST), self.record.cell()
        self.label("matrix", [
            (k % columns + 0.48, k // columns + 0.5, f"{count}", "white" if shade > 0.65 else DARK,
             "bold" if divmod(k, columns) in worst else "normal")
            for k, (count, shade) in enumerate(zip(counts.ravel(), shades.ravel())) if count
        ], ha="center", va="center")  # fmt: skip
        chosen = cell[0] * columns + cell[1] if len(self.record.answers[1]) else None
        return tiles(shades.reshape(-1, 1, 1), columns, rows, side, chosen)

    def first_layer(self, panel, columns, rows, side):
        record = self.record
        if not record.layer:
            return tiles(np.zeros((0, 1, 1)), columns, rows, side)
        weights, biases, convolution = record.layer
        weights, biases = weights[record.neurons], biases[record.neurons]
        values, words = weights, [f"{k}" for k in record.neurons]
        if panel == "answers":
            values = answers(weights, biases, convolution, record.pad.picture())
            if not convolution:
                words = [f"{v:+.1f}" for v in values.sum(axis=(1, 2)) + biases]
        self.label(panel, [
            (k % columns + 0.03, k // columns + 0.03, word, DARK) for k, word in enumerate(words)
        ], va="top")  # fmt: skip
        return tiles(values / (np.abs(values).max() or 1), columns, rows, side)

    def label(self, panel, labels, **style):
        """Put small words into a panel: each with its place, its color, and perhaps its weight."""
        texts = self.labels[panel]
        while len(texts) > len(labels):
            texts.pop().remove()
        while len(texts) < len(labels):
            texts.append(self.axes[panel].text(0, 0, "", animated=True, clip_on=True, **style))
        for text, (x, y, word, color, *weight) in zip(texts, labels):
            text.set(position=(x, y), text=word, color=color, fontsize=0.85 * self.letter)
            text.set_fontweight(*weight or ["normal"])


def box(region):
    from matplotlib.transforms import Bbox

    return Bbox.from_bounds(*region)


# ---------------------------------------------------------------------------------------------- how it is run


class Player:
    """Trains in one thread and draws in another, so that a key is answered at once.

    Between them is a queue with room for one result: what the training has to show, which then waits until it
    has been drawn. While the learner pauses, nobody takes it. The network is asked about the learner's own
    digit in the drawing thread, also while it trains.
    """

    def __init__(self, dashboard, results, print_summary):
        self.dashboard, self.record, self.canvas = dashboard, dashboard.record, dashboard.canvas
        self.results, self.print_summary = results, print_summary
        self.queue, self.thread = queue.Queue(maxsize=1), None
        self.paused = self.one_update = self.interrupted = False
        self.stopped = self.done = self.left = self.failed = False
        self.fault = None
        self.pen = None  # where it is on the pad, while it writes
        self.in_notebook = "nbagg" in type(self.canvas).__module__  # whose event loop runs after the cell
        self.clock = time.perf_counter(), 0  # when, and at which iteration, the speed was taken

    def train(self):
        """The thread that trains."""
        last = None
        try:
            for result in self.results:
                self.queue.put(result)
                if self.stopped:
                    break
        except BaseException as fault:  # for the other thread to raise
            last = fault
        self.queue.put(last)

    def stop(self):
        """End the training after the call of training_step that it is at."""
        self.timer.stop()
        self.stopped = True
        while self.thread and self.thread.is_alive():
            with contextlib.suppress(queue.Empty):
                self.queue.get_nowait()
            self.thread.join(0.01)
        self.finish()

    def take(self, result):
        """Show a result of the training: its end, its failure, or the next update."""
        if isinstance(result, BaseException):
            raise result
        if result is None:
            self.finish()
            return
        self.one_update = False
        self.record.iteration, news = result
        for add, *arguments in news:
            add(*arguments)
        self.take_speed()

    def take_speed(self):
        now, (then, iteration) = time.perf_counter(), self.clock
        if now - then > 1 and self.record.iteration > iteration:
            self.dashboard.speed = f"{(self.record.iteration - iteration) / (now - then):,.0f} iterations/s"
            self.clock = now, self.record.iteration
            self.say_in_title()

    def finish(self):
        if not self.done:
            self.done = True
            self.say("finished" if self.record.iterations else "")
            self.print_summary()

    def say(self, status):
        self.dashboard.status = status
        self.say_in_title()

    def say_in_title(self):
        if self.canvas.manager:
            self.canvas.manager.set_window_title(self.dashboard.title())

    def play(self, options):
        if not has_events(self.canvas):
            self.play_without_events(options)
            return
        import matplotlib.pyplot as plt

        manager = self.canvas.manager
        self.canvas.mpl_disconnect(manager.key_press_handler_id)  # its meanings of our keys
        self.canvas.mpl_connect("key_press_event", self.key)
        self.canvas.mpl_connect("button_press_event", self.press)
        self.canvas.mpl_connect("motion_notify_event", self.move)
        self.canvas.mpl_connect("button_release_event", lambda event: setattr(self, "pen", None))
        self.canvas.mpl_connect("close_event", lambda event: self.stop())
        self.say("")
        gc.collect()  # closed windows: Tk does not bear the other thread clearing them away
        self.timer = self.canvas.new_timer(interval=LOOK)
        self.timer.add_callback(self.tick)
        self.timer.start()
        if self.in_notebook:
            plt.show()
            return
        before = signal.signal(signal.SIGINT, lambda *_: setattr(self, "interrupted", True))
        try:
            plt.show(block=True)
        finally:
            signal.signal(signal.SIGINT, before)
            closed = self.done or self.left  # else a Ctrl-C has ended the browser's event loop
            self.stop()
            plt.close(self.dashboard.figure)
        if self.fault:
            raise self.fault
        if self.interrupted or not closed:
            raise KeyboardInterrupt

    def tick(self):
        """Look whether there is something to show."""
        try:
            if self.interrupted:
                raise KeyboardInterrupt
            if self.dashboard.figure.canvas is not self.canvas:  # the window is being closed
                return
            waiting = not getattr(self.canvas.manager, "web_sockets", True)  # for a browser
            if not (waiting or self.done or (self.paused and not self.one_update)):
                self.take_next()
            if self.record.changed:  # of the training, or of the mouse
                self.dashboard.frame()
            self.dashboard.mend()
        except BaseException as fault:  # an event loop would print it and go on
            if not isinstance(fault, KeyboardInterrupt):
                self.fault, self.done = fault, True
            self.leave()
            if self.in_notebook:
                raise

    def leave(self):
        """Close the window; or end the server of a browser's page, which would outlive the page."""
        self.timer.stop()
        if hasattr(self.canvas.manager, "web_sockets") and not self.in_notebook:
            self.left = True
            signal.raise_signal(signal.SIGINT)  # which play() waits for
        else:
            self.stop()
            sys.modules["matplotlib.pyplot"].close(self.dashboard.figure)

    def take_next(self):
        if not self.thread:
            self.thread = threading.Thread(target=self.train, daemon=True)
            self.thread.start()
        with contextlib.suppress(queue.Empty):
            self.take(self.queue.get_nowait())
            self.dashboard.frame()

    def press(self, event):
        axes = self.dashboard.axes
        if self.canvas.toolbar and self.canvas.toolbar.mode:  # zooming
            return
        if event.inaxes is axes["pad"] and event.button == 1:
            self.pen = event.xdata, event.ydata
            self.record.write(self.pen, self.pen)
        elif event.inaxes is axes["pad"] and event.button == 3:
            self.record.clear()
        elif event.inaxes is axes["matrix"]:
            self.record.choose(math.floor(event.ydata), math.floor(event.xdata))

    def move(self, event):
        if self.pen:  # which may leave the pad, and come back
            place = self.dashboard.axes["pad"].transData.inverted().transform((event.x, event.y))
            self.record.write(self.pen, place)
            self.pen = tuple(place)

    def key(self, event):
        if event.key in VIEWS:
            self.dashboard.show(VIEWS[event.key])
        elif event.key == "c" and "pad" in self.dashboard.panels:
            self.record.switch_centring()
        elif event.key == "backspace" and "pad" in self.dashboard.panels:
            self.record.clear()
        elif event.key in (" ", "space"):
            self.paused = not self.paused
            self.clock = time.perf_counter(), self.record.iteration
            self.say("finished" if self.done else "paused" if self.paused else "")
            self.dashboard.frame()
        elif event.key == "right":
            self.one_update = self.paused
        elif event.key in ("h", "r", "home"):
            self.dashboard.fit(zoomed_too=True)
            self.dashboard.show(self.dashboard.panels)
        elif event.key == "?":
            self.dashboard.help.set_visible(not self.dashboard.help.get_visible())
            self.dashboard.show(self.dashboard.panels)
        elif event.key == "q":
            self.leave()
        else:
            from matplotlib.backend_bases import key_press_handler

            key_press_handler(event, self.canvas, self.canvas.toolbar)

    def play_without_events(self, options):
        sinks = []
        if options.save_movie:
            sinks.append(Movie(options.save_movie, self.canvas))
        elif not options.save_image:
            sinks.append(NotebookPicture(self.canvas))
        try:
            for result in self.results:
                self.take(result)
                if sinks:
                    self.dashboard.frame()
                for sink in sinks:
                    sink.add()
            self.finish()
        except KeyboardInterrupt:
            self.finish()
            raise
        finally:
            self.dashboard.frame()
            for sink in sinks:
                sink.add()
                self.write(options.save_movie, sink.close)
            if options.save_image:
                self.write(options.save_image, lambda: self.dashboard.figure.savefig(options.save_image))
        if self.failed:
            sys.exit(1)

    def write(self, path, save):
        try:
            save()
        except OSError as fault:
            print(f"{path} is not written: {fault}", file=sys.stderr)
            self.failed = True


def open_figure(options):
    """A figure to draw on, and to show the learner where there is a way to; none otherwise."""
    try:
        import matplotlib
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        give_up(f"matplotlib is missing; --text does without it. {INSTALL}")
    if matplotlib.__version_info__[:2] < OLDEST_MATPLOTLIB:
        oldest = ".".join(map(str, OLDEST_MATPLOTLIB))
        give_up(f"matplotlib {matplotlib.__version__} is too old, {oldest} is needed. {INSTALL}")
    if os.environ.get("MPLBACKEND", "").lower() == "webagg" and not importlib.util.find_spec("tornado"):
        give_up("tornado is missing, which shows the dashboard in a browser: python -m pip install tornado")
    size = {"figsize": (WIDTH / 100, HEIGHT / 100), "dpi": 100}
    if options.save_image or options.save_movie or "inline" in matplotlib.get_backend():
        return FigureCanvasAgg(Figure(**size)).figure
    try:
        import matplotlib.pyplot as plt

        figure = plt.figure(**size)
    except Exception:  # each backend has its own for a display that is not there
        figure = None
    if figure and has_events(figure.canvas):
        fit_to_screen(figure)
        if type(figure.canvas).__module__.endswith("backend_webagg"):
            accept_fingers()
        return figure
    print(
        "No window can be opened here: text only. MPLBACKEND=webagg shows the dashboard in a browser.",
        file=sys.stderr,
    )
    return None


def has_events(canvas):
    """Whether somebody sits at it: the timer of a canvas for files is a dummy."""
    from matplotlib.backend_bases import TimerBase

    return type(canvas.new_timer()) is not TimerBase


def fit_to_screen(figure):
    """A smaller window on a small screen; only Tk and Qt say how large it is."""
    manager = figure.canvas.manager
    window = getattr(manager, "window", None)
    if hasattr(window, "winfo_screenwidth"):
        scale = max(1, window.winfo_fpixels("1i") / 96)  # as matplotlib scales; 3.8 does so on Windows only
        width, height = window.winfo_screenwidth() / scale, window.winfo_screenheight() / scale
        if manager.toolbar:  # made as wide as the figure, it would keep the window so
            manager.toolbar.configure(width=1)
    elif hasattr(window, "screen"):
        size = window.screen().availableSize()
        width, height = size.width(), size.height()
    else:
        return
    height -= WINDOW_FRAME
    if width < WIDTH or height < HEIGHT:
        figure.set_size_inches(min(width, WIDTH) / 100, min(height, HEIGHT) / 100)  # and the window with it


def accept_fingers():
    from matplotlib.backends.backend_webagg_core import FigureManagerWebAgg

    script = FigureManagerWebAgg.get_javascript()
    if FINGER not in script:
        FigureManagerWebAgg.get_javascript = staticmethod(lambda: script + FINGER)


def give_up(sentence):
    print(sentence, file=sys.stderr)
    sys.exit(2)


class Movie:
    """The frames of a run as a file: MP4 through ffmpeg, GIF through pillow."""

    def __init__(self, path, canvas):
        self.path, self.canvas, self.pictures, self.ffmpeg = path, canvas, [], None
        if path.suffix.lower() == ".mp4":
            width, height = canvas.get_width_height()
            self.ffmpeg = subprocess.Popen(
                ["ffmpeg", "-y", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgba",
                 "-s", f"{width}x{height}", "-r", str(FRAMES_PER_SECOND), "-i", "-",
                 "-pix_fmt", "yuv420p", "-movflags", "faststart", str(path.absolute())],
                stdin=subprocess.PIPE,
                start_new_session=True, creationflags=NEW_GROUP,  # for it has to finish after a Ctrl-C
            )  # fmt: skip

    def add(self):
        if self.ffmpeg:
            with contextlib.suppress(OSError):  # it has ended, as close() will tell
                self.ffmpeg.stdin.write(self.canvas.buffer_rgba())
        else:
            from PIL import Image

            picture = Image.fromarray(np.asarray(self.canvas.buffer_rgba())).convert("RGB").reduce(2)
            self.pictures.append(picture.quantize(128))

    def close(self):
        if self.ffmpeg:
            with contextlib.suppress(OSError):
                self.ffmpeg.stdin.close()
            if self.ffmpeg.wait():
                raise OSError("ffmpeg failed")
        elif self.pictures:
            first, *rest = self.pictures
            times = [GIF_FRAME] * len(rest) + [GIF_END]
            first.save(self.path, save_all=True, append_images=rest, duration=times, loop=0)


class NotebookPicture:
    """A picture in a notebook's cell, replaced a few times a second."""

    def __init__(self, canvas):
        from IPython.display import display

        self.canvas, self.shown = canvas, time.perf_counter()
        self.handle = display(self.png(), display_id=True)

    def png(self):
        from IPython.display import Image

        data = io.BytesIO()
        self.canvas.print_png(data)
        return Image(data.getvalue())

    def add(self):
        if time.perf_counter() - self.shown > 1 / NOTEBOOK_PICTURES_PER_SECOND:
            self.show()

    def close(self):
        self.show()

    def show(self):
        self.handle.update(self.png())
        self.shown = time.perf_counter()


# ------------------------------------------------------------------------------------------ the command line


class OneLineParser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(2, f"{self.prog}: {message}. --help lists the options.\n")


def command_line(description=None, iterations=1000, arguments=None):
    """The options of a lesson; they are the same in all of them. Mistakes end the program in one line."""
    start_program()
    parser = OneLineParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--text", action="store_true", help="text only, no window")
    parser.add_argument(
        "--iterations", type=whole_number(1), default=iterations, metavar="N",
        help=f"how many batches to learn from (default: {iterations})",
    )  # fmt: skip
    parser.add_argument(
        "--seed", type=whole_number(0), default=0, metavar="N",
        help="another seed, other random numbers; the same seed, the same run (default: 0)",
    )  # fmt: skip
    add_data_option(parser)
    parser.add_argument(
        "--view", choices=[key for key in VIEWS if len(key) == 1], default="0", metavar="KEY",
        help="what is shown first, or saved: 1 to 9, d, m or w, as if that key was pressed (default: 0, all)",
    )  # fmt: skip
    parser.add_argument(
        "--save-image", type=writable(".png", ".svg", ".pdf"), metavar="FILE",
        help="no window; the final dashboard as a picture (PNG, SVG or PDF)",
    )  # fmt: skip
    parser.add_argument(
        "--save-movie", type=writable(".mp4", ".gif"), metavar="FILE",
        help="no window; the whole run as a movie (MP4, which needs ffmpeg, or GIF)",
    )  # fmt: skip
    parser.add_argument(
        "--save-network", type=new_folder, metavar="FOLDER",
        help="at the end, keep the network for: python tensorflowvisu.py FOLDER FOLDER ...",
    )  # fmt: skip
    if Path(sys.argv[0]).stem.startswith(("ipykernel", "colab_kernel")) and arguments is None:
        arguments = []  # a notebook's own, not ours
    options = parser.parse_args(arguments)
    if options.text and (options.save_image or options.save_movie):
        parser.error("--text draws nothing that could be saved: leave out one or the other")
    start_tensorflow()
    return options


def add_data_option(parser):
    parser.add_argument(
        "--data", metavar="DIR",
        help="a folder with MNIST's four files or mnist.npz, or 'synthetic' for the built-in digits "
        "(default: MNIST_DATA in the environment, else MNIST, downloaded once)",
    )  # fmt: skip


def whole_number(least):
    def parse(text):
        if not text.isdecimal() or not least <= int(text) < 1 << 31:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least}")
        return int(text)

    return parse


def writable(*suffixes):
    def parse(name):
        path = Path(name)
        if path.suffix.lower() not in suffixes:
            raise argparse.ArgumentTypeError(f"{name!r} does not end in {' or '.join(suffixes)}")
        if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
            raise argparse.ArgumentTypeError(f"{name!r} cannot be written")
        if path.suffix.lower() == ".mp4" and not shutil.which("ffmpeg"):
            raise argparse.ArgumentTypeError("ffmpeg is needed for .mp4, and missing; a .gif needs nothing")
        return path

    return parse


def new_folder(name):
    path = Path(name)
    if path.exists():
        raise argparse.ArgumentTypeError(f"{name!r} exists: remove it, or take another name")
    if not os.access(path.absolute().parent, os.W_OK):
        raise argparse.ArgumentTypeError(f"{name!r} cannot be written")
    return path


def start_program():
    sys.excepthook = quiet_endings
    with contextlib.suppress(AttributeError):  # a letter that print does not know is no reason to fail
        sys.stdout.reconfigure(errors="backslashreplace")


def quiet_endings(kind, fault, traceback):
    """No traceback for what is nobody's mistake: Ctrl-C, and a pipe whose reader has left."""
    if issubclass(kind, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    elif not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, fault, traceback)


def start_tensorflow():
    """Import TensorFlow quietly, or say what is wrong with it."""
    if not importlib.util.find_spec("tensorflow"):
        sys.exit(f"TensorFlow is missing. {INSTALL}")
    try:
        with no_chatter(), no_matplotlib():
            tensorflow = importlib.import_module("tensorflow")
    except ImportError as fault:
        sys.exit(f"TensorFlow does not start: {' '.join(str(fault).split())} INSTALL.txt may help.")
    if tuple(map(int, tensorflow.__version__.split(".")[:2])) < OLDEST_TENSORFLOW:
        oldest = ".".join(map(str, OLDEST_TENSORFLOW))
        sys.exit(f"TensorFlow {tensorflow.__version__} is too old, {oldest} is needed. {INSTALL}")


@contextlib.contextmanager
def no_chatter():
    """No setting of TensorFlow's own silences its first messages, so what it writes to stderr is diverted.

    TF_CPP_MIN_LOG_LEVEL=0 in the environment shows them all.
    """
    if os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3") == "0":
        yield
        return
    try:
        screen = os.dup(2)
    except OSError:  # there is no stderr
        yield
        return
    try:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(screen, 2)
        os.close(screen)


@contextlib.contextmanager
def no_matplotlib():
    """Keras, which comes with TensorFlow, would spend a second on importing matplotlib, text only or not."""
    if "matplotlib" in sys.modules:
        yield
        return
    sys.modules["matplotlib"] = None
    try:
        yield
    finally:
        del sys.modules["matplotlib"]


# ------------------------------------------------------------------------------------- networks side by side


def save_network(predict, folder):
    """A SavedModel: what TensorFlow needs to call `predict` again, without the script that it stands in."""
    tf = sys.modules["tensorflow"]
    module = tf.Module()
    module.predict = tf.function(predict, input_signature=[tf.TensorSpec([None, 28, 28, 1])])
    module.numbers = module.predict.get_concrete_function().variables
    with no_chatter():
        tf.saved_model.save(module, str(folder))


def saved_network(name):
    if not Path(name, "saved_model.pb").exists():
        raise argparse.ArgumentTypeError(f"{name!r} is no network that --save-network has saved")
    return Path(name)


def compare(arguments=None):
    """Networks that were saved read what you write, side by side."""
    start_program()
    parser = OneLineParser(description=compare.__doc__)
    most = len(NETWORK_COLORS)
    parser.add_argument(
        "networks", nargs="+", type=saved_network, metavar="FOLDER", help="made by --save-network"
    )
    folders = parser.parse_args(arguments).networks
    if len(folders) > most:
        parser.error(f"there are colors for {most} networks at most")
    start_tensorflow()
    load = sys.modules["tensorflow"].saved_model.load
    datavis = MnistDataVis(argparse.Namespace(**{**vars(DEFAULTS), "view": "d"}))
    with no_chatter():
        saved = {str(folder): load(str(folder)) for folder in folders}  # kept: they hold the weights
    for name, network in saved.items():
        if not hasattr(network, "predict"):
            parser.error(f"{name!r} is no network that --save-network has saved")
    datavis.networks = {name: network.predict for name, network in saved.items()}
    datavis.animate(lambda *_: None, 0, 1, 1)
    if not datavis.record:  # there was no window
        sys.exit(1)


if __name__ == "__main__":
    compare()
