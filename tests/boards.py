"""A dashboard that nobody sees: its picture, its words, and where its panels are."""

import numpy as np
from matplotlib.text import Text

from dashboard import handles, header, painter, views, window


def places_in(view, grids):
    """Where a view's panels are in a picture of the usual size: {class: (left, top, width, height)}."""
    em = painter.EM * view.letters
    below = int(painter.HEIGHT - header.HEIGHT * painter.EM)
    places = views.layout(painter.WIDTH, below, view, em, grids)
    return {
        panel: (x, painter.HEIGHT - y - height, width, height)
        for panel, (_, (x, y, width, height)) in places.items()
    }


def painted(run, key="0", networks=()):
    """A painter at a figure that nobody sees, with this view of a record."""
    board = painter.Painter(
        window.file_figure(), run, handles.Handles(dict(networks)), views.BY_KEY[key], "a name", "keys"
    )
    board.draw_changes()
    return board


def picture_of(board):
    return np.asarray(board.canvas.buffer_rgba()).copy()


def words_in(board):
    """All that stands in its picture."""
    panels = [panel.axes for panel in board.in_view()]
    found = [text for axes in (board.header.axes, *panels) for text in axes.findobj(Text)]
    return [text.get_text() for text in found if text.get_visible()]
