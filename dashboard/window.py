"""A window that suits the screen, or where there is none, why."""

import contextlib
import ctypes
import importlib.util
import os
import sys
from pathlib import Path

import startup
from dashboard import page
from dashboard.panel import HEIGHT, WIDTH
from dashboard.screen import Screen

OLDEST_MATPLOTLIB = (3, 8)
TITLE_AND_TASK_BAR = 100  # pixels that they take from a screen's height
SIZE = {"figsize": (WIDTH / 100, HEIGHT / 100), "dpi": 100}


class Window(Screen):
    """A window of Tk, Qt or macOS."""

    def __init__(self, figure):
        super().__init__(figure)
        fit_to_screen(figure)

    def loss_reported(self, report_run):
        def lost(*_):
            print("The connection to the display is lost.", file=sys.stderr)
            report_run()
            sys.stdout.flush()
            os._exit(1)  # as Xlib and Qt would

        backend = type(self.canvas).__module__
        if "qt" in backend:
            return call_when_qt_is_lost(lost)
        if "tk" in backend and sys.platform == "linux":
            return call_when_xlib_is_lost(lost)
        return contextlib.nullcontext()


@contextlib.contextmanager
def call_when_xlib_is_lost(lost):
    handler = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(lost)
    try:
        xlib = ctypes.CDLL("libX11.so.6")
    except OSError:  # a Tk that brings its own
        yield
        return
    xlib.XSetIOErrorHandler(handler)
    yield
    xlib.XSetIOErrorHandler(None)


@contextlib.contextmanager
def call_when_qt_is_lost(lost):
    from matplotlib.backends.qt_compat import QtCore

    def handler(kind, context, message):
        lost() if "connection broke" in message else print(message, file=sys.stderr)

    before = QtCore.qInstallMessageHandler(handler)
    yield
    QtCore.qInstallMessageHandler(before)


class NoWindow(Exception):
    """Why there is neither a window nor a page."""


def open_screen():
    """A window, or a page in a browser or a notebook."""
    backend = import_matplotlib().get_backend().lower()
    if backend == "webagg" and not importlib.util.find_spec("tornado"):
        startup.give_up("A browser needs tornado, which is missing: python -m pip install tornado")
    if is_for_notebooks(backend) and "ipykernel" not in sys.modules:
        raise NoWindow(f"MPLBACKEND={backend} is for notebooks")
    if "qt" in backend and (missing := missing_library()):
        raise NoWindow(f"Qt cannot open a window here ({missing} is missing, see INSTALL.txt)")
    try:
        import matplotlib.pyplot as plt

        figure = plt.figure(**SIZE)
    except Exception:  # each backend has its own for a display that is not there
        raise NoWindow("No window can be opened here") from None
    if not has_events(figure.canvas):
        raise NoWindow("No window can be opened here")
    return page.Page(figure) if hasattr(figure.canvas, "get_diff_image") else Window(figure)


def file_figure():
    """A figure that nobody sees."""
    import_matplotlib()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    return FigureCanvasAgg(Figure(**SIZE)).figure


def import_matplotlib():
    try:
        import matplotlib
    except ImportError:
        startup.give_up(f"matplotlib is missing; --text does without it. {startup.INSTALL}")
    except ValueError:
        startup.give_up(f"matplotlib knows no MPLBACKEND={os.environ['MPLBACKEND']}: leave it out.")
    if matplotlib.__version_info__[:2] < OLDEST_MATPLOTLIB:
        oldest = ".".join(map(str, OLDEST_MATPLOTLIB))
        found = f"matplotlib {matplotlib.__version__} is too old, {oldest} is needed."
        startup.give_up(f"{found} {startup.INSTALL}")
    return matplotlib


def is_for_notebooks(backend):
    return any(name in backend for name in ("inline", "nbagg", "ipympl", "widget", "notebook"))


def in_inline_notebook():
    """Whether a cell shows pictures, but no page."""
    return "ipykernel" in sys.modules and "inline" in import_matplotlib().get_backend()


def missing_library():
    """Qt ends the program where one of its system libraries is missing: that library's name, or None."""
    if sys.platform != "linux" or not os.environ.get("DISPLAY") or os.environ.get("QT_QPA_PLATFORM"):
        return None
    try:
        from matplotlib.backends.qt_compat import QtCore
    except ImportError:
        return None  # nor any other part of Qt
    info = QtCore.QLibraryInfo
    find, folder = (info.path, info.LibraryPath) if hasattr(info, "path") else (info.location, info)
    plugin = Path(find(folder.PluginsPath), "platforms", "libqxcb.so")
    try:
        if plugin.exists():
            ctypes.CDLL(str(plugin))
    except OSError as error:
        return str(error).split(":")[0]


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
        if manager.toolbar:
            manager.toolbar.configure(width=1)  # as wide as the figure, it would keep the window so
            for button in manager.toolbar.winfo_children():
                button.configure(takefocus=False)  # or tab would take the keys away from the dashboard
    elif hasattr(window, "screen"):
        size = window.screen().availableSize()
        width, height = size.width(), size.height()
    else:
        return
    height -= TITLE_AND_TASK_BAR
    if width < WIDTH or height < HEIGHT:
        figure.set_size_inches(min(width, WIDTH) / 100, min(height, HEIGHT) / 100)  # and the window with it
