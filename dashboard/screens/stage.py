"""Where a run is shown: in files, in a notebook's cell, in a window or on a page; or why not."""

import ctypes
import functools
import importlib.util
import os
import sys
from pathlib import Path

import startup
from dashboard.panels import painter, style
from dashboard.run import diagnosis
from dashboard.run.look import Look
from dashboard.run.training import TrainingThread
from dashboard.screens import notebook, outputs, page, player, unattended, window

OLDEST_MATPLOTLIB = (3, 8)
SIZE = {"figsize": (style.WIDTH / 100, style.HEIGHT / 100), "dpi": 100}


class NoWindow(Exception):
    """Why there is neither a window nor a page."""


def show_run(options, run, handles, moments, report):
    """The exit status; None, and a sentence that says why, if it cannot be shown anywhere."""
    import_matplotlib()
    look, name = Look(options.view), options.title
    files = list(outputs.chosen(options))
    with style.applied(name, *(earlier.name for earlier in run.earlier)):
        if files or in_inline_notebook():
            board = painter.Painter(file_figure(), run, handles, look, name)
            shown = [kind(path, board) for kind, path in files] or [outputs.NotebookCell(None, board)]
            told = functools.partial(diagnosis.told, run, handles.dead_layers)
            return unattended.train(run, moments(), report, board, shown, told)
        try:
            screen = open_screen()
        except NoWindow as reason:
            hint = "MPLBACKEND=webagg shows the dashboard in a browser."
            print(f"{reason}: text only. {hint}", file=sys.stderr)
            return None
        return player.Player(screen, run, handles, look, name, TrainingThread(moments), report).play()


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


def open_screen():
    """A window, or a page in a browser or a notebook."""
    backend = import_matplotlib().get_backend().lower()
    if backend == "webagg" and not importlib.util.find_spec("tornado"):
        startup.give_up("A browser needs tornado, which is missing: python -m pip install tornado")
    if is_for_notebooks(backend) and "ipykernel" not in sys.modules:
        raise NoWindow(f"MPLBACKEND={backend} is for notebooks")
    if "qt" in backend and (missing := missing_library()):
        raise NoWindow(f"Qt cannot open a window here ({missing} is missing, see INSTALL.txt)")
    from matplotlib.backend_bases import TimerBase

    try:
        import matplotlib.pyplot as plt

        figure = plt.figure(**SIZE)
    except Exception:  # each backend has its own for a display that is not there
        figure = None
    if not figure or type(figure.canvas.new_timer()) is TimerBase:  # a canvas for files: nobody sits at it
        raise NoWindow("No window can be opened here")
    if backend == "webagg":
        return page.Page(figure)
    return notebook.Notebook(figure) if is_for_notebooks(backend) else window.Window(figure)


def file_figure():
    """A figure that nobody sees."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    return FigureCanvasAgg(Figure(**SIZE)).figure


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
