"""A window of Tk, Qt or macOS."""

import contextlib
import ctypes
import os
import sys

from dashboard.panels.style import HEIGHT, WIDTH
from dashboard.screens.screen import Screen

TITLE_AND_TASK_BAR = 100  # pixels that they take from a screen's height


class Window(Screen):
    def __init__(self, figure):
        super().__init__(figure)
        hide_toolbar(self.manager)
        fit_to_screen(figure)

    def show(self, if_lost):
        with loss_reported(type(self.canvas).__module__, if_lost):
            self.manager.show()
            self.canvas.start_event_loop()  # plt.show() would wait for a reader's other figures too

    def stop(self):
        self.canvas.stop_event_loop()


@contextlib.contextmanager
def loss_reported(backend, if_lost):
    """Xlib and Qt end a program whose display is gone, and its results would be lost."""

    def lost(*_):
        print("The connection to the display is lost.", file=sys.stderr)
        if_lost()
        sys.stdout.flush()
        os._exit(1)  # as Xlib and Qt would

    if "qt" in backend:
        from matplotlib.backends.qt_compat import QtCore

        def handler(kind, context, message):
            lost() if "connection broke" in message else print(message, file=sys.stderr)

        before = QtCore.qInstallMessageHandler(handler)
        yield
        QtCore.qInstallMessageHandler(before)
        return
    xlib = None
    if "tk" in backend and sys.platform == "linux":
        with contextlib.suppress(OSError):  # a Tk that brings its own
            xlib = ctypes.CDLL("libX11.so.6")
    handler = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(lost)
    if xlib:
        xlib.XSetIOErrorHandler(handler)
    yield
    if xlib:
        xlib.XSetIOErrorHandler(None)


def hide_toolbar(manager):
    """The control bar takes the place of matplotlib's, which still zooms and saves; macOS keeps its own."""
    toolbar, (width, height) = manager.toolbar, manager.canvas.get_width_height(physical=True)
    if hasattr(toolbar, "pack_forget"):
        toolbar.pack_forget()
    elif hasattr(toolbar, "hide"):
        toolbar.hide()
        manager.window.resize(width, height)


def fit_to_screen(figure):
    """A smaller window on a small screen; only Tk and Qt say how large it is."""
    manager = figure.canvas.manager
    window = getattr(manager, "window", None)
    if hasattr(window, "winfo_screenwidth"):
        scale = max(1, window.winfo_fpixels("1i") / 96)  # as matplotlib scales; 3.8 does so on Windows only
        width, height = window.winfo_screenwidth() / scale, window.winfo_screenheight() / scale
    elif hasattr(window, "screen"):
        size = window.screen().availableSize()
        width, height = size.width(), size.height()
    else:
        return
    height -= TITLE_AND_TASK_BAR
    if width < WIDTH or height < HEIGHT:
        figure.set_size_inches(min(width, WIDTH) / 100, min(height, HEIGHT) / 100)  # and the window with it
