"""What every program here shares: its start and end, signals, files written whole, options, TensorFlow.

It needs only Python's standard library.
"""

import argparse
import contextlib
import errno
import gc
import importlib
import importlib.util
import os
import reprlib
import shutil
import signal
import sys
import tempfile
import threading
from pathlib import Path
from types import ModuleType

OLDEST_TENSORFLOW = (2, 16)
QUIET_COMPILER = (2, 21)  # from this TensorFlow on, compiling prints nothing
INSTALL = "README.md tells how to install everything; in short: python -m pip install -r requirements.txt"
SIGNALLED = 128  # exit status after a signal: this plus the signal's number, as in a shell
STOP_SIGNALS = [  # Ctrl-C; the system's request before it kills a process; a closed terminal
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]


# ---------------------------------------------------------------------------------- the beginning and the end


def start_program():
    """Call this first: only bugs get a traceback, and output always has somewhere to go."""
    sys.excepthook = report_uncaught
    for name in "stdout", "stderr":
        if getattr(sys, name) is None:  # it was closed before the program started
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115, it stays open
    with contextlib.suppress(AttributeError):  # a notebook's output has no encoding of its own
        sys.stdout.reconfigure(errors="backslashreplace")  # no letter makes print fail


def report_uncaught(kind, error, traceback):
    """Silence for Ctrl-C and for a closed pipe, a sentence for a full device, a traceback for a bug."""
    if issubclass(kind, OSError) and (reason := output_error()):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python would try again at exit
        if reason.errno != errno.EPIPE:
            print(f"The output cannot be written: {reason.strerror}.", file=sys.stderr)
    elif not issubclass(kind, (KeyboardInterrupt, BrokenPipeError)):
        sys.__excepthook__(kind, error, traceback)


def output_error():
    """Why standard output cannot be written, or None."""
    try:
        print(flush=True)  # an empty line: without buffering, there may be nothing left to flush
    except OSError as error:
        return error


def program_name():
    """The script's name without its suffix; empty in a notebook, or without a script."""
    name = Path(sys.argv[0]).stem
    return "" if name.startswith(("-", "ipykernel", "colab_kernel")) else name


def give_up(sentence):
    """End a program that cannot do what it was asked to."""
    print(sentence, file=sys.stderr)
    sys.exit(2)


@contextlib.contextmanager
def stop_requests(most=1):
    """A list that receives the numbers of the signals that ask the program to stop, `most` of them.

    The program can then end in order; the next signal ends it at once.
    """
    received = []

    def receive(number, frame):
        if len(received) < most:
            received.append(number)
        elif number == signal.SIGINT:
            raise KeyboardInterrupt
        else:
            sys.exit(SIGNALLED + number)

    if threading.current_thread() is not threading.main_thread():  # only the main thread receives signals
        yield received
        return
    handlers = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    # an ignored signal stays ignored: nohup, for example, asks for that
    before = {number: handler for number, handler in handlers.items() if callable(handler) or handler == 0}
    for number in before:
        signal.signal(number, receive)
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def is_stop(error, stop_requested):
    """Whether a second signal raised this error; a sys.exit of the program's own does not count."""
    return isinstance(error, KeyboardInterrupt) or (bool(stop_requested) and isinstance(error, SystemExit))


def exit_status(stop_requested, failed):
    return SIGNALLED + stop_requested[0] if stop_requested else int(bool(failed))


@contextlib.contextmanager
def signals_wait(*numbers):
    """Hold these signals back until the block ends; threads started inside never receive them."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def temporary_path(path, process=None):
    """Where a process, by default this one, writes a file or folder before it is renamed to `path`."""
    return path.with_name(f".{path.stem[:40]}.{process or os.getpid()}{path.suffix}")


@contextlib.contextmanager
def atomic_write(path):
    """A path to write to, renamed to `path` if all goes well: nobody ever finds half a file there."""
    unfinished = temporary_path(path)
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
        if not (text.isdecimal() and len(text) < 100 and least <= int(text) < 1 << 31):
            raise argparse.ArgumentTypeError(f"{reprlib.repr(text)} is not a whole number from {least}")
        return int(text)

    return parse


def new_file(*suffixes):
    """The type of an option: a file that can be written, with one of these suffixes."""

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


def start_tensorflow() -> ModuleType:
    """TensorFlow, imported quietly; where that fails, one sentence says why."""
    if not importlib.util.find_spec("tensorflow"):
        sys.exit(f"TensorFlow is missing. {INSTALL}")
    if os.path.expanduser("~") == "~":  # no home folder: Keras would make one that is named ~
        os.environ.setdefault("KERAS_HOME", os.path.join(tempfile.gettempdir(), ".keras"))
    try:
        with no_chatter(), no_matplotlib(), no_garbage():
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
    """XLA prints messages when it first compiles: compile a dummy with standard error diverted.

    On a GPU, the lessons do without XLA. Devices can no longer be configured afterwards.
    """
    if version(tensorflow) < QUIET_COMPILER:
        with no_chatter(), contextlib.suppress(tensorflow.errors.OpError):  # a TensorFlow without XLA
            if not tensorflow.config.list_physical_devices("GPU"):
                tensorflow.function(lambda: tensorflow.zeros([]), jit_compile=True)()


@contextlib.contextmanager
def no_chatter():
    """Divert standard error: no setting of TensorFlow silences its first messages.

    TF_CPP_MIN_LOG_LEVEL=0 in the environment shows all of them.
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
    """Keep Keras, which comes with TensorFlow, from importing matplotlib, which takes a second."""
    if "matplotlib" in sys.modules:
        yield
        return
    sys.modules["matplotlib"] = None
    try:
        yield
    finally:
        del sys.modules["matplotlib"]


@contextlib.contextmanager
def no_garbage():
    """TensorFlow's modules stay: to look for garbage among them takes a third of its import, and later 0.2 s
    each time that all objects are looked at.
    """
    if "tensorflow" in sys.modules or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
        if "ipykernel" not in sys.modules:  # a notebook's reader may have figures that are to go
            gc.freeze()
    finally:
        gc.enable()
