"""What the learner sees of a network that learns.

    datavis = tensorflowvisu.MnistDataVis()
    datavis.animate(training_step, iterations=2000, train_data_update_freq=10, test_data_update_freq=50)

`animate` calls training_step(i, n, update_test_data, update_train_data) again and again. Each call shows,
after `i` iterations, what is asked for, by datavis.update_test_data(...) and datavis.update_train_data(...),
and then does the next `n` iterations.
"""

import argparse
import contextlib
import importlib.util
import os
import sys

import numpy as np

OLDEST_TENSORFLOW = (2, 16)
INSTALL = (
    "This installs what the lessons need: "
    "python3 -m venv .venv && .venv/bin/python -m pip install -r requirements.txt"
)


class MnistDataVis:
    """One training run: prints what it is shown, and remembers it."""

    def __init__(self, options=None, iterations_per_epoch=None, digits=None):
        self.options = options
        self.iterations_per_epoch = iterations_per_epoch
        self.digits = digits  # where they come from, in words
        self.test_accuracies = []

    def animate(self, training_step, iterations, train_data_update_freq, test_data_update_freq):
        """Train, and watch."""
        self.print_only(training_step, iterations, train_data_update_freq, test_data_update_freq)

    def print_only(self, training_step, iterations, train_data_update_freq, test_data_update_freq):
        """Train, and read."""
        try:
            for call in schedule(iterations, train_data_update_freq, test_data_update_freq):
                training_step(*call)
        except KeyboardInterrupt:
            self.print_summary()
            sys.exit(130)
        self.print_summary()

    def update_train_data(self, i, X, Y_, Y, loss, weights, biases, learning_rate=None):
        """After `i` iterations: the next batch, its answers, the network's, their loss, and the variables."""
        rate = "" if learning_rate is None else f" (lr:{float(learning_rate):.6f})"
        print(f"{i}: accuracy:{accuracy(Y, Y_):.4f} loss: {float(loss):.4f}{rate}", flush=True)

    def update_test_data(self, i, X, Y_, Y, loss):
        """After `i` iterations: the test digits, their right answers, the network's, and their loss."""
        share = accuracy(Y, Y_)
        self.test_accuracies.append(share)
        epoch = f"epoch {i // self.iterations_per_epoch + 1} ********* " if self.iterations_per_epoch else ""
        print(f"{i}: ********* {epoch}test accuracy:{share:.4f} test loss: {float(loss):.4f}", flush=True)

    def print_summary(self):
        if self.digits:
            print(f"digits: {self.digits}")
        if self.test_accuracies:
            print(f"final test accuracy: {self.test_accuracies[-1]:.4f}")
            print(f"max test accuracy: {max(self.test_accuracies):.4f}", flush=True)


def accuracy(Y, Y_):
    """The share of the answers Y [n, 10] that give the right digit, Y_ [n, 10], the largest probability."""
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


# ------------------------------------------------------------------------------------------ the command line


class OneLineParser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(2, f"{self.prog}: {message}. --help lists the options.\n")


def command_line(description=None, iterations=1000, arguments=None):
    """The options of a lesson; they are the same in all of them. Mistakes end the program in one line."""
    sys.excepthook = quiet_endings
    with contextlib.suppress(AttributeError):  # a letter that print does not know is no reason to fail
        sys.stdout.reconfigure(errors="backslashreplace")
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
    parser.add_argument(
        "--data", metavar="DIR",
        help="a folder with MNIST's four files or mnist.npz, or 'synthetic' for the built-in digits "
        "(default: MNIST_DATA in the environment, else MNIST, downloaded once)",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    start_tensorflow()
    return options


def whole_number(least):
    def parse(text):
        if not text.isdecimal() or not least <= int(text) < 1 << 31:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least}")
        return int(text)

    return parse


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
