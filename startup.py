"""How every program here begins and ends: its options, a quiet start of TensorFlow, sentences on failure.

It needs nothing but Python's standard library.
"""

import argparse
import contextlib
import errno
import importlib
import importlib.util
import os
import shutil
import signal
import sys
import threading
from pathlib import Path

OLDEST_TENSORFLOW = (2, 16)
QUIET_COMPILER = (2, 21)  # from this TensorFlow on, compiling prints nothing
INSTALL = "README.md tells how to install everything; in short: python -m pip install -r requirements.txt"
SIGNALLED = 128  # exit status after a signal: this plus the signal's number, as shells have it
STOP_SIGNALS = [  # Ctrl-C; the system's request before it kills a process; the terminal is closed
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]


# ---------------------------------------------------------------------------------- the beginning and the end


def start_program():
    """Before anything else: no traceback for what is no bug, and somewhere for the output to go."""
    sys.excepthook = report_uncaught
    for name in "stdout", "stderr":
        if getattr(sys, name) is None:  # closed by whoever started the program
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115, it stays open
    with contextlib.suppress(AttributeError):  # a notebook's output has no encoding of its own
        sys.stdout.reconfigure(errors="backslashreplace")  # print never fails because of a letter


def report_uncaught(kind, error, traceback):
    """Ctrl-C, or a pipe whose reader has left: silence. A full device: a sentence. Bugs: a traceback."""
    if issubclass(kind, OSError) and (reason := output_error()):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python would try again at its end
        if reason.errno != errno.EPIPE:
            print(f"The output cannot be written: {reason.strerror}.", file=sys.stderr)
    elif not issubclass(kind, (KeyboardInterrupt, BrokenPipeError)):
        sys.__excepthook__(kind, error, traceback)


def output_error():
    """Why standard output cannot be written, or None."""
    try:
        print(flush=True)  # an empty line: unbuffered, nothing may be left that could be flushed
    except OSError as error:
        return error


def program_name():
    """The script's, without its suffix; none in a notebook, or where Python is used without a script."""
    name = Path(sys.argv[0]).stem
    return "" if name.startswith(("-", "ipykernel", "colab_kernel")) else name


def give_up(sentence):
    """End a program that cannot do what it was asked to."""
    print(sentence, file=sys.stderr)
    sys.exit(2)


@contextlib.contextmanager
def stop_requests():
    """A list that receives the number of a signal that asks the program to stop, for it to do so in order.

    A second signal ends it at once.
    """
    received = []

    def receive(number, frame):
        if not received:
            received.append(number)
        elif number == signal.SIGINT:
            raise KeyboardInterrupt
        else:
            sys.exit(SIGNALLED + number)

    if threading.current_thread() is not threading.main_thread():  # only the main thread receives signals
        yield received
        return
    handlers = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    # an ignored signal stays ignored, as whoever started the program in the background wants it
    before = {number: handler for number, handler in handlers.items() if callable(handler) or handler == 0}
    for number in before:
        signal.signal(number, receive)
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def is_stop(error, stop_requested):
    """Whether a second signal has ended it at once; a sys.exit of the program's own is an error."""
    return isinstance(error, KeyboardInterrupt) or (bool(stop_requested) and isinstance(error, SystemExit))


def exit_status(stop_requested, failed):
    return SIGNALLED + stop_requested[0] if stop_requested else int(bool(failed))


@contextlib.contextmanager
def signals_wait(*numbers):
    """These signals are received when this ends. Threads that are started meanwhile block them for good."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def aside(path):
    """Where a file or folder is written before it is renamed: beside it, and with the same suffix."""
    return path.with_name(f".{path.stem[:40]}.{os.getpid()}{path.suffix}")


@contextlib.contextmanager
def written_aside(path):
    """A path to write to, renamed to `path` if all goes well: nobody ever finds half a file there."""
    unfinished = aside(path)
    try:
        yield unfinished
        os.replace(unfinished, path)
    finally:
        if unfinished.is_dir():
            shutil.rmtree(unfinished, ignore_errors=True)
        else:
            unfinished.unlink(missing_ok=True)


# ------------------------------------------------------------------------------------------------ the options


class Parser(argparse.ArgumentParser):
    """Wrong use is one line; there are no abbreviations, which would change when options are added."""

    def __init__(self, description=None, prog=None, epilog=None):
        super().__init__(
            prog, description=description, epilog=epilog, allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip

    def error(self, message):
        self.exit(2, f"{self.prog}: {message}. --help lists the options.\n")

    def add_data_option(self):
        self.add_argument(
            "--data", metavar="DIR",
            help="a folder with MNIST's four files or mnist.npz, or 'synthetic' for the built-in digits "
            "(default: MNIST_DATA in the environment, else MNIST, downloaded once)",
        )  # fmt: skip


def whole_number(least):
    """The type of an option: a whole number, no smaller than this."""

    def parse(text):
        if not text.isdecimal() or not least <= int(text.lstrip("0")[:20] or 0) < 1 << 31:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least}")
        return int(text)

    return parse


def new_file(*suffixes):
    """The type of an option: a file that can be written, and whose name ends so."""

    def parse(name):
        path = Path(name)
        if path.suffix.lower() not in suffixes:
            raise argparse.ArgumentTypeError(f"{name!r} does not end in {' or '.join(suffixes)}")
        if reason := write_error(path):
            raise argparse.ArgumentTypeError(f"{name!r} cannot be written: {reason}")
        return path

    return parse


def new_folder(name):
    """The type of an option: a folder that does not exist and can be made."""
    path = Path(name)
    if os.path.lexists(path):
        raise argparse.ArgumentTypeError(f"{name!r} exists: remove it, or choose another name")
    if reason := write_error(path):
        raise argparse.ArgumentTypeError(f"{name!r} cannot be made: {reason}")
    return path


def write_error(path):
    """Why nothing can be written to this path, or None."""
    try:
        folder = path.absolute().parent  # an error where the working directory was removed
        if not folder.is_dir():
            return f"there is no folder {str(folder)!r}"
        if path.is_dir():
            return "it is a folder"
        if not all(os.access(place, os.W_OK) for place in (folder, path) if place.exists()):
            return "no permission"
    except OSError as error:
        return error.strerror


# ------------------------------------------------------------------------------------------------- TensorFlow


def start_tensorflow():
    """TensorFlow, imported quietly; where that fails, one sentence says why."""
    if not importlib.util.find_spec("tensorflow"):
        sys.exit(f"TensorFlow is missing. {INSTALL}")
    try:
        with no_chatter(), no_matplotlib():
            tensorflow = importlib.import_module("tensorflow")
    except ImportError as error:
        sys.exit(f"TensorFlow does not start: {' '.join(str(error).split())} INSTALL.txt may help.")
    except MemoryError:
        sys.exit("TensorFlow does not start: there is not enough memory for it.")
    if version(tensorflow) < OLDEST_TENSORFLOW:
        oldest = ".".join(map(str, OLDEST_TENSORFLOW))
        sys.exit(f"TensorFlow {tensorflow.__version__} is too old, {oldest} is needed. {INSTALL}")
    return tensorflow


def version(tensorflow):
    return tuple(map(int, tensorflow.__version__.split(".")[:2]))


def silence_compiler(tensorflow):
    """What compiles training steps, XLA, prints messages at its first use: let this be it.

    On a GPU, the lessons do without it. Devices can no longer be configured afterwards.
    """
    if version(tensorflow) < QUIET_COMPILER:
        with no_chatter(), contextlib.suppress(tensorflow.errors.OpError):  # a TensorFlow without XLA
            if not tensorflow.config.list_physical_devices("GPU"):
                tensorflow.function(lambda: tensorflow.zeros([]), jit_compile=True)()


@contextlib.contextmanager
def no_chatter():
    """None of TensorFlow's own settings silences its first messages, so standard error is diverted.

    TF_CPP_MIN_LOG_LEVEL=0 in the environment shows them all.
    """
    if os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3") == "0":
        yield
        return
    try:
        screen = os.dup(2)
    except OSError:  # standard error is closed
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
