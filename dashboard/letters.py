"""Draws numbers that change all the time: matplotlib draws each letter only once, because text is slow."""

import functools
import math

import numpy as np

LETTERS = "0123456789.,%-"
ALIGNED = {"left": 0, "center": 0.5, "right": 1}


def draw(text):
    """Draws a matplotlib text; one with other letters in matplotlib's own way."""
    words, axes = text.get_text(), text.axes
    if not text.get_visible() or not set(words) <= set(LETTERS):
        axes.draw_artist(text)
        return
    renderer = axes.figure.canvas.get_renderer()
    if hasattr(text, "update_positions"):  # it is placed beside something
        text.update_positions(renderer)
    x, y = text.get_transform().transform(text.get_position())
    letters = drawn(text.get_fontsize(), text.get_weight(), text.get_color(), text.get_va(), axes.figure.dpi)
    x -= ALIGNED[text.get_ha()] * sum(letters[letter][1] for letter in words)
    context = renderer.new_gc()
    if text.get_clip_on():
        context.set_clip_rectangle(text.get_clip_box())
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
