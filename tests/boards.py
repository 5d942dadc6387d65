"""A dashboard that nobody sees: its picture, its words, its player, and where its panels are."""

import functools
from types import SimpleNamespace

import numpy as np
from matplotlib.backend_bases import ResizeEvent
from matplotlib.text import Text

from dashboard.panels import header, painter, style, views
from dashboard.run.answers import wrong_first
from dashboard.run.handles import Handles
from dashboard.run.look import Chosen, Look
from dashboard.run.run import Run
from dashboard.screens import player, stage
from dashboard.screens.keys import list_of_keys

PANELS = tuple(dict.fromkeys(panel for view in views.VIEWS for panel in view.panels))  # each once


def places_in(view, grids, below=0):
    """Where a view's panels are in a picture of the usual size: {class: (left, top, width, height)}.

    In a window, the control bar is `below` them.
    """
    high = int(style.HEIGHT - header.HEIGHT * style.EM) - below
    em = style.EM * view.letter_size
    places = views.layout(style.WIDTH, high, view, em, lambda panel, shape: grids.get(panel), below)
    return {
        panel: (x, style.HEIGHT - y - height, width, height)
        for panel, (_, (x, y, width, height)) in places.items()
    }


def places_in_window(key, grids, training=True):
    """The same in a window, whose control bar has as many rows as it needs in this system's letters."""
    one = played(Run(), key=key, training=training)
    return places_in(views.BY_KEY[key], grids, one.painter.bar.height)


def button_in_window(view, key):
    """The middle of a key's button, right of and below the picture's own middle."""
    one = played(Run(), key=view)
    places = {button.key: place for button, place in one.painter.bar.places.items()}
    left, bottom, width, height = places[key]
    return round(left + (width - style.WIDTH) / 2), round((style.HEIGHT - height) / 2 - bottom)


def painted(run, key="0", networks=(), **more):
    """A painter at a figure that nobody sees, with this view of a run; `more` is where else one looks."""
    with style.applied():
        board = painter.Painter(
            stage.file_figure(), run, Handles(networks), Look(key, **more), "a name", list_of_keys()
        )
    board.draw_changes()
    return board


def look(board, **more):
    """Look at something else."""
    board.look = board.look._replace(**more)
    board.draw_changes()


def resize(board, width, height):
    board.figure.set_size_inches(width / 100, height / 100)
    ResizeEvent("resize_event", board.canvas)._process()


def picture_of(board):
    return np.asarray(board.canvas.buffer_rgba()).copy()


class UnseenScreen:
    """A screen, its canvas's manager too."""

    blocks = True

    def __init__(self):
        self.figure, self.called, self.zooming = stage.file_figure(), [], False
        self.canvas = self.figure.canvas
        self.canvas.manager = self
        self.save_picture, self.switch_full_screen = (
            functools.partial(self.called.append, name) for name in ("save", "full screen")
        )

    def zoom(self):
        self.called.append("zoom")
        self.zooming = not self.zooming

    def is_zooming(self):
        return self.zooming

    def set_window_title(self, words):
        self.title = words

    def resize(self, width, height):
        pass

    def show_hand(self, is_over_button):
        self.hand = is_over_button

    def is_closing(self):
        return False

    def is_watched(self):
        return True

    def refresh(self, unsent):
        return False

    def close(self):
        self.called.append("close")


class Trained:
    """A training that has done its work already."""

    error = None

    def __init__(self, moments):
        self.next = iter([*moments, None]).__next__


def played(run, moments=(), key="0", handles=None, size=None, training=True, report=None, **more):
    """A player, in a window that nobody sees, of a run that goes on with these moments."""
    with style.applied():
        one = player.Player(
            UnseenScreen(), run, handles or Handles(), Look(key, **more), "a name",
            Trained(moments) if training is True else training, report,
        )  # fmt: skip
    one.timer = SimpleNamespace(stop=lambda: None)
    if size:
        resize(one.painter, *size)
    one.show_status()
    return one


def press(one, *names):
    """These keys."""
    for name in names:
        one.press(name)
        one.show_changes()


def words_in(board):
    """All that stands in its picture."""
    panels = [panel.axes for panel in board.places]
    found = [text for axes in (board.header.axes, *panels) for text in axes.findobj(Text)]
    return [text.get_text() for text in found if text.get_visible()]


def chosen(test, k=0):
    """One of a test's digits, as if it had been clicked."""
    return Chosen(wrong_first(test.answers, 10), k, test)
