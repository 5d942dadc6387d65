"""What a job prints and draws: lines and a progress bar, curves and pictures for TensorBoard, the report."""

import os
import sys
import time

import numpy as np
import tensorflow as tf

from mlengine.trainer import forms
from mlengine.trainer.job_folder import file_errors

BAR = 24  # characters
REDRAW_SECONDS = 0.2
ACROSS = 6  # digits in a row of the picture; as many rows
FORM = {  # of a report, as far as its text needs it
    "accuracy": 0.0, "wrong": 0, "digits": 0, "per_digit": [0.0], "confusion": [[0]],
    "best_step": 0, "steps": 0, "validation_accuracy": 0.0, "seconds": 0.0,
}  # fmt: skip


def is_report(found):
    """Are these the contents of a report.json?"""
    return forms.has_form(found, FORM) and all((
        0 <= found["accuracy"] <= 1, 0 <= found["validation_accuracy"] <= 1,
        0 <= found["wrong"] <= found["digits"], 0 <= found["seconds"] < float("inf"),
    ))  # fmt: skip


class Console:
    """A line for each epoch; on a terminal, a progress bar below."""

    def __init__(self):
        self.bar = sys.stdout.isatty()
        self.drawn = 0.0

    def say(self, sentence):
        print(f"\r\033[K{sentence}" if self.bar else sentence, flush=True)

    def start(self, progress):
        self.printed = len(progress.history)
        self.mark = None  # time and step from which the speed is measured

    def update(self, training):
        """After every few steps."""
        now, step, last = time.monotonic(), training.progress.step, training.last_step
        self.mark = self.mark or (now, step)  # not from the beginning: the first steps are compiled
        speed = (step - self.mark[1]) / max(now - self.mark[0], 1e-3)
        for entry in training.progress.history[self.printed :]:
            self.say(
                f"epoch {entry['step'] / training.epoch:.3g}: loss {entry['loss']:.4f}   validation loss "
                f"{entry['validation_loss']:.4f} accuracy {entry['validation_accuracy']:.4f} "
                f"(best {training.progress.best['accuracy']:.4f})   rate {entry['rate']:.5f}   "
                f"{speed:.1f} steps/s"
            )
            self.printed += 1
        if self.bar and now - self.drawn > REDRAW_SECONDS:
            self.drawn = now
            minutes = f"{(last - step) / speed / 60:.1f} minutes left" if speed else ""
            bar = "#" * (BAR * step // last)
            line = f"[{bar:-<{BAR}}] step {step:,} of {last:,}   {speed:.1f} steps/s   {minutes}"
            print(f"\r\033[K{line}", end="", flush=True)


class TensorBoardLog:
    """For TensorBoard, which draws on one chart what has the same name in `training` and `validation`."""

    def __init__(self, folder, seen):
        self.seen = seen  # entries of the history that are in the curves already
        self.training, self.validation, self.test = (
            tf.summary.create_file_writer(tf.io.gfile.join(folder, name))
            for name in ("training", "validation", "test")
        )

    def update(self, progress):
        for entry in progress.history[self.seen :]:
            with self.training.as_default(entry["step"]):
                tf.summary.scalar("loss", entry["loss"])
                tf.summary.scalar("learning rate", entry["rate"])
            with self.validation.as_default(entry["step"]):
                tf.summary.scalar("loss", entry["validation_loss"])
                tf.summary.scalar("accuracy", entry["validation_accuracy"])
            self.training.flush()
            self.validation.flush()
            self.seen += 1

    def close(self, found, pictures):
        with self.test.as_default(found["best_step"]):
            tf.summary.scalar("accuracy", found["accuracy"])
            for name, picture in pictures.items():
                tf.summary.image(name, picture[np.newaxis])
        for writer in (self.training, self.validation, self.test):
            writer.close()


def result(Y, labels):
    """How well the answers Y [n, 10] fit the labels: accuracy, confusion matrix, accuracy of each digit."""
    confusion = tf.math.confusion_matrix(labels, Y.argmax(axis=1), 10).numpy()
    right, total = confusion.diagonal(), confusion.sum(axis=1)
    return {
        "accuracy": right.sum() / len(labels),
        "wrong": int(len(labels) - right.sum()),
        "digits": len(labels),
        "per_digit": (right / np.maximum(total, 1)).tolist(),
        "confusion": confusion.tolist(),  # a row for each digit, a column for each answer
    }


def text(found):
    """The report as text."""
    lines = ["digit   read as 0" + "".join(f"{digit:6}" for digit in range(1, 10)) + "   accuracy"]
    for digit, (row, share) in enumerate(zip(found["confusion"], found["per_digit"])):
        lines.append(
            f"{digit:5}      " + "".join(f"{count or '.':>6}" for count in row) + f"     {share:.4f}"
        )
    return "\n".join(
        [
            *lines,
            f"best weights: step {found['best_step']:,} of {found['steps']:,}, "
            f"validation accuracy {found['validation_accuracy']:.4f}; {found['seconds']:.0f} s of training",
            f"final test accuracy: {found['accuracy']:.4f} ({found['wrong']} of {found['digits']:,} wrong)",
        ]
    )


def pictures(found, images, labels, Y):
    """RGB arrays: the confusion matrix, and the wrong digits of which the network was most certain."""
    return {
        "confusion matrix": rendered(draw_confusion, found),
        "wrong digits": rendered(draw_wrong_digits, images, labels, Y),
    }


def rendered(draw, *what):
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure((9, 9), dpi=100, layout="constrained")
    draw(figure, *what)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def draw_confusion(figure, found):
    confusion = np.array(found["confusion"])
    wrong = confusion * (1 - np.eye(10, dtype=int))
    axes = figure.add_subplot(xticks=range(10), yticks=range(10))
    axes.tick_params(labelsize=18, length=0)
    axes.set_xlabel("answer", fontsize=18)
    axes.set_ylabel("digit", fontsize=18)
    axes.set_title(f"{found['wrong']} of {found['digits']:,} wrong", fontsize=22, pad=14)
    darkest = max(4, wrong.max())
    axes.imshow(wrong, cmap="Reds", vmax=darkest)
    for row, column in zip(*confusion.nonzero()):
        color = "grey" if row == column else "white" if wrong[row, column] > darkest / 2 else "black"
        axes.text(column, row, confusion[row, column], ha="center", va="center", color=color, fontsize=18)


def draw_wrong_digits(figure, images, labels, Y):
    answers, certainty = Y.argmax(axis=1), Y.max(axis=1)
    wrong = np.flatnonzero(answers != labels)
    figure.suptitle("Wrong answers, the most certain first", fontsize=22)
    for place, k in enumerate(wrong[np.argsort(-certainty[wrong])][: ACROSS * ACROSS], 1):
        axes = figure.add_subplot(ACROSS, ACROSS, place, xticks=[], yticks=[])
        axes.imshow(images[k], cmap="gray_r")
        axes.set_title(f"{labels[k]} as {answers[k]}, {certainty[k]:.0%}", fontsize=14)


def report_to_tuning_service(accuracy, step):
    """In a trial of a tuning job, the metric that the service maximises."""
    if "CLOUD_ML_TRIAL_ID" in os.environ or "CLOUD_ML_HP_METRIC_FILE" in os.environ:
        import hypertune

        with file_errors("The metric of the trial"):
            hypertune.HyperTune().report_hyperparameter_tuning_metric("accuracy", accuracy, step)
