"""A dashboard that nobody sees: its picture, its words, and where its panels are."""

import numpy as np
from matplotlib.backend_bases import ResizeEvent
from matplotlib.text import Text

from dashboard.panels import header, painter, style, views
from dashboard.run.answers import wrong_first
from dashboard.run.handles import Handles
from dashboard.run.look import Chosen, Look
from dashboard.screens import stage


def places_in(view, grids):
    """Where a view's panels are in a picture of the usual size: {class: (left, top, width, height)}."""
    em = painter.EM * view.letter_size
    below = int(style.HEIGHT - header.HEIGHT * painter.EM)
    places = views.layout(style.WIDTH, below, view, em, grids)
    return {
        panel: (x, style.HEIGHT - y - height, width, height)
        for panel, (_, (x, y, width, height)) in places.items()
    }


def painted(run, key="0", networks=(), **more):
    """A painter at a figure that nobody sees, with this view of a run; `more` is where else one looks."""
    with style.applied():
        board = painter.Painter(
            stage.file_figure(), run, Handles(networks), Look(key, **more), "a name", "keys"
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


def words_in(board):
    """All that stands in its picture."""
    panels = [panel.axes for panel in board.places]
    found = [text for axes in (board.header.axes, *panels) for text in axes.findobj(Text)]
    return [text.get_text() for text in found if text.get_visible()]


def chosen(test, k=0):
    """One of a test's digits, as if it had been clicked."""
    return Chosen(wrong_first(test.answers, 10), k, test)
