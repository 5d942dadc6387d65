"""The curves of a run: collected, saved as CSV, and read again for comparison."""

import argparse
import csv
import io
import math
from pathlib import Path
from typing import NamedTuple

import numpy as np

import startup

COLUMNS = "iteration", "training accuracy", "training loss", "test accuracy", "test loss", "learning rate"
TRAINING, TEST, RATE = slice(1, 3), slice(3, 5), 5  # accuracy and loss; the rate
LARGEST = 50_000_000  # bytes of a file to compare with


class Curves:
    """A row for each iteration at which something was measured."""

    def __init__(self):
        self.rows = {}  # iteration: the numbers of COLUMNS, NaN where nothing was measured

    def add_training(self, i, accuracy, loss, rate):
        self.row(i)[TRAINING] = accuracy, float(loss)
        self.row(i)[RATE] = math.nan if rate is None else float(rate)

    def add_test(self, i, accuracy, loss):
        self.row(i)[TEST] = accuracy, float(loss)

    def row(self, i):
        return self.rows.setdefault(i, [i, *[math.nan] * (len(COLUMNS) - 1)])

    def save(self, path):
        with startup.written_aside(path) as aside, open(aside, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for _, row in sorted(self.rows.items()):
                writer.writerow("" if math.isnan(x) else f"{x:.8g}" if k else x for k, x in enumerate(row))


class Earlier(NamedTuple):
    """The curves of an earlier run."""

    name: str
    training: np.ndarray  # [n, 3]: iteration, accuracy, loss
    test: np.ndarray


def read(path):
    """The curves in a file that --save-curves has made; ValueError says what is wrong with another one."""
    if not Path(path).is_file():
        raise ValueError("there is no such file")
    with open(path, "rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValueError(f"more than {LARGEST:,} bytes")
    try:
        header, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        if tuple(header) != COLUMNS or not rows:
            raise ValueError
        numbers = np.array([[float(x or "nan") for x in row] for row in rows if row])
        if numbers.shape[1:] != (len(COLUMNS),) or not (np.diff(numbers[:, 0]) > 0).all():
            raise ValueError
    except (ValueError, csv.Error):
        raise ValueError("not a file that --save-curves has made") from None
    parts = (numbers[:, [0, *range(part.start, part.stop)]] for part in (TRAINING, TEST))
    training, test = (part[np.isfinite(part[:, 1])] for part in parts)
    return Earlier(Path(path).stem, training, test)


def earlier_curves(name):
    """The type of an option: a file that --save-curves has made."""
    try:
        return read(name)
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{name!r} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{name!r}: {error}") from None
