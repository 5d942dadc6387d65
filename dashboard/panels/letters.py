"""Draws numbers that change all the time: matplotlib draws each letter only once, because text is slow."""

import functools
import math

import numpy as np

LETTERS = "0123456789.,%-"
ALIGNED = {"left": 0, "center": 0.5, "right": 1}


def draw(artist):
    """An artist in its axes; one that is no text, or has other letters, in matplotlib's own way."""
    words, axes = artist.get_text() if hasattr(artist, "get_text") else None, artist.axes
    if words is None or not artist.get_visible() or not set(words) <= set(LETTERS):
        axes.draw_artist(artist)
        return
    renderer = axes.figure.canvas.get_renderer()
    if hasattr(artist, "update_positions"):  # it is placed beside something
        artist.update_positions(renderer)
    x, y = artist.get_transform().transform(artist.get_position())
    style = artist.get_fontsize(), artist.get_weight(), artist.get_color(), artist.get_va()
    letters = drawn(*style, axes.figure.dpi)
    x -= ALIGNED[artist.get_ha()] * sum(letters[letter][1] for letter in words)
    context = renderer.new_gc()
    if artist.get_clip_on():
        context.set_clip_rectangle(artist.get_clip_box())
    for letter in words:
        pixels, width = letters[letter]
        renderer.draw_image(context, round(x), round(y) - len(pixels) // 2, pixels)
        x += width
    context.restore()


@functools.lru_cache(maxsize=100)
def drawn(size, weight, color, va, dpi):
    """{letter: (pixels, width)}: the text's place is at the middle of the left edge of the pixels."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    side = 2 * math.ceil(2 * size * dpi / 72)
    figure = Figure((len(LETTERS) * side / dpi, side / dpi), dpi=dpi, facecolor="none")
    canvas = FigureCanvasAgg(figure)
    style = {"transform": None, "fontsize": size, "fontweight": weight, "color": color, "va": va}
    texts = [figure.text(k * side, side // 2, letter, **style) for k, letter in enumerate(LETTERS)]
    canvas.draw()
    picture = np.asarray(canvas.buffer_rgba())[::-1]  # as draw_image wants it
    found = {}
    for k, (letter, text) in enumerate(zip(LETTERS, texts)):
        text.set_text(letter * 10)
        pixels = np.ascontiguousarray(picture[:, k * side : (k + 1) * side])
        found[letter] = pixels, text.get_window_extent().width / 10
    return found
