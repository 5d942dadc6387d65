"""Draws words that change all the time: matplotlib draws each digit, and each word between them, only once.

Text is slow to draw, and most of what moves is text.
"""

import functools
import math
import re

import numpy as np

from dashboard.panels.style import lettering

PIECES = re.compile(r"[0-9.,%]|[^0-9.,%]+")
ALIGNED = {"left": 0, "center": 0.5, "right": 1}


def draw(artists):
    """Artists in their axes; those that are no line of text in matplotlib's own way."""
    if not artists:
        return
    renderer = artists[0].figure.canvas.get_renderer()
    for artist in artists:
        words = artist.get_text() if hasattr(artist, "get_text") else None
        if words is None or "\n" in words or artist.get_bbox_patch() or not artist.get_visible():
            artist.draw(renderer)
        elif words:
            draw_words(artist, words, renderer)


def draw_words(artist, words, renderer):
    if hasattr(artist, "update_positions"):  # it is placed beside something
        artist.update_positions(renderer)
    x, y = artist.get_transform().transform(artist.get_position())
    style = artist.get_fontsize(), artist.get_weight(), artist.get_color(), artist.get_va()
    family = tuple(artist.get_fontfamily())
    pieces = [word_pixels(piece, *style, family, artist.figure.dpi) for piece in PIECES.findall(words)]
    x -= ALIGNED[artist.get_ha()] * sum(width for _, width in pieces)
    context = renderer.new_gc()
    if artist.get_clip_on():
        context.set_clip_rectangle(artist.get_clip_box())
    for pixels, width in pieces:
        renderer.draw_image(context, round(x), round(y) - len(pixels) // 2, pixels)
        x += width
    context.restore()


@functools.lru_cache(maxsize=1000)
def word_pixels(piece, size, weight, color, va, family, dpi):
    """(pixels, width): the text's place is at the middle of the left edge of the pixels."""
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.text import Text

    high = 2 * math.ceil(2 * size * dpi / 72)
    text = Text(0, high // 2, color=color, va=va, size=size, weight=weight, **lettering(family))
    text.set_figure(unseen_figure(dpi))
    widths = []
    for words in f".{piece}.", "..":  # spaces count between letters only
        text.set_text(words)
        widths.append(text.get_window_extent(text.figure.canvas.get_renderer()).width)
    width = widths[0] - widths[1]
    text.set_text(piece)
    renderer = RendererAgg(math.ceil(width) + high, high, dpi)  # a slanted letter may be wider
    text.draw(renderer)
    return np.ascontiguousarray(np.asarray(renderer.buffer_rgba())[::-1]), width  # as draw_image wants it


@functools.lru_cache
def unseen_figure(dpi):
    """A figure that words belong to; none is drawn on it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    return FigureCanvasAgg(Figure((1, 1), dpi=dpi)).figure
