"""A run in text: the lines that are printed, its curves as CSV, and those of an earlier run read again."""

import csv
import io
import math
from pathlib import Path
from typing import NamedTuple

import numpy as np

import startup

COLUMNS = "iteration", "training accuracy", "training loss", "test accuracy", "test loss", "learning rate"
LARGEST_CSV = 50_000_000  # bytes of a file to compare with


def training_line(update):
    rate = "" if math.isnan(update.rate) else f" (lr:{update.rate:.6f})"
    return f"{update.i}: accuracy:{update.accuracy:.4f} loss: {update.loss:.4f}{rate}"


def test_line(update, epoch=None):
    """`epoch` is how many iterations it has."""
    when = f"epoch {update.i // epoch + 1} ********* " if epoch else ""
    accuracy = f"test accuracy:{update.accuracy:.4f} test loss: {update.loss:.4f}"
    return f"{update.i}: ********* {when}{accuracy}"


def last_lines(run):
    accuracies = run.test.y[:, 0]
    if len(accuracies):
        yield f"final test accuracy: {accuracies[-1]:.4f}"
        yield f"max test accuracy: {accuracies.max():.4f}"


def write_curves(run, path):
    """A row for each iteration at which something was measured."""
    rows = {}
    for i, accuracy, loss, rate in run.train.rows.tolist():
        rows[i] = [accuracy, loss, math.nan, math.nan, rate]
    for i, *measured in run.test.rows.tolist():
        rows.setdefault(i, [math.nan] * 5)[2:4] = measured
    with startup.atomic_write(path) as new, open(new, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for i, numbers in sorted(rows.items()):
            writer.writerow([int(i), *("" if math.isnan(x) else f"{x:.8g}" for x in numbers)])


class Earlier(NamedTuple):
    """The curves of an earlier run."""

    name: str
    training: np.ndarray  # [n, 3]: iteration, accuracy, loss
    test: np.ndarray


def read_curves(path):
    """The curves in a file that --save-curves has made; ValueError says what is wrong with another one."""
    if not Path(path).is_file():
        raise ValueError("there is no such file")
    with open(path, "rb") as file:
        data = file.read(LARGEST_CSV + 1)
    if len(data) > LARGEST_CSV:
        raise ValueError(f"more than {LARGEST_CSV:,} bytes")
    try:
        header, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        if tuple(header) != COLUMNS or not rows:
            raise ValueError
        numbers = np.array([[float(x or "nan") for x in row] for row in rows if row])
        if numbers.shape[1:] != (len(COLUMNS),) or not (np.diff(numbers[:, 0]) > 0).all():
            raise ValueError
    except (ValueError, csv.Error):
        raise ValueError("not a file that --save-curves has made") from None
    parts = numbers[:, :3], numbers[:, [0, 3, 4]]
    return Earlier(Path(path).stem, *(part[np.isfinite(part[:, 1])] for part in parts))
