"""The control bar: buttons for whatever a key does. It is never in a saved picture."""

import functools
import math
from typing import NamedTuple

import numpy as np

from dashboard.panels import pixels, style
from dashboard.panels.panel import SIDE

ROW, BUTTON = 3.1, 2.0  # ems: the heights of a row and of a button
GAP, GROUP_GAP = 0.2, 1.0  # ems: between buttons, between groups
PADDING = 0.4  # ems: within a button
MOST_OF_WINDOW = 0.4  # the share of the height that rows may take; a window with less room has no buttons


class Button(NamedTuple):
    label: str
    key: str  # that does the same
    is_active: bool = False


class Bar:
    def __init__(self, canvas, fonts):
        self.canvas, self.groups, self.places, self.height = canvas, (), {}, 0
        self.fonts, self.is_drawn = tuple(fonts), False

    def arrange(self, groups, width, height, em, dpi):
        """The window has another size: in pixels. The buttons stand in as many rows as they need."""
        self.groups, self.size, self.is_drawn = groups, (width, height, em, dpi), False
        rows, x = [[]], SIDE * em
        for group in filter(None, groups):
            for button in group:
                wide = button_pixels(*button, em, dpi, self.fonts).shape[1]
                if x + wide > width - SIDE * em and rows[-1]:
                    rows, x = [*rows, []], SIDE * em
                rows[-1].append((button, round(x), wide))
                x += wide + GAP * em
            x += (GROUP_GAP - GAP) * em
        self.height, self.places = round(ROW * em * len(rows)) if rows[0] else 0, {}
        if self.height > MOST_OF_WINDOW * height:
            self.height = 0
            return
        if len(rows) == 1 and groups:  # the last group stands at the right
            for k in range(-len(groups[-1]), 0):
                button, left, wide = rows[0][k]
                rows[0][k] = button, left + round(width - (SIDE - GROUP_GAP) * em - x), wide
        for k, row in enumerate(rows):
            bottom = round(self.height - ROW * em * (k + 1) + (ROW - BUTTON) / 2 * em)
            self.places |= {button: (left, bottom, wide, round(BUTTON * em)) for button, left, wide in row}

    def update(self, groups):
        """They may be others now, or others may be active."""
        if groups != self.groups:
            self.arrange(groups, *self.size)

    def at(self, x, y):
        """The button at these pixels, or None."""
        for button, (left, bottom, wide, high) in self.places.items():
            if left <= x < left + wide and bottom <= y < bottom + high:
                return button

    def draw(self):
        self.is_drawn = True
        if not self.height:
            return
        width, _, em, dpi = self.size
        renderer = self.canvas.get_renderer()
        context = renderer.new_gc()
        band = np.empty((self.height, int(width), 4), np.uint8)  # from below
        band[:], band[-1:] = (*pixels.rgb(style.BAND), 255), (*pixels.rgb(style.FAINT), 255)
        renderer.draw_image(context, 0, 0, band)
        for button, (left, bottom, _, _) in self.places.items():
            renderer.draw_image(context, left, bottom, button_pixels(*button, em, dpi, self.fonts)[::-1])
        context.restore()


@functools.lru_cache(maxsize=300)
def button_pixels(label, key, is_active, em, dpi, fonts):
    """A button's pixels [height, width, 4]."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.patches import FancyBboxPatch

    figure = FigureCanvasAgg(Figure((1, 1), dpi=dpi, facecolor=style.BAND)).figure
    points, high = style.SMALL * em * 72 / dpi, round(BUTTON * em)
    paper, ink, grey = (
        (style.INK, style.PAPER, style.FAINT) if is_active else (style.PAPER, style.INK, style.GREY)
    )
    place = {"transform": None, "va": "center_baseline", "fontsize": points, **style.lettering(fonts)}
    words = figure.text(PADDING * em, high / 2, label, color=ink, **place)
    x = words.get_window_extent().x1
    if len(key) == 1 and not label.endswith(key):  # the others have names that are longer than labels
        hint = figure.text(x + 0.4 * em, high / 2, key, color=grey, **place)
        x = hint.get_window_extent().x1
    wide = math.ceil(x + PADDING * em)
    figure.set_size_inches(wide / dpi, high / dpi)
    round_corners = f"round,pad=0,rounding_size={0.3 * em}"
    frame = FancyBboxPatch((1, 1), wide - 2, high - 2, boxstyle=round_corners, transform=None, zorder=0)
    frame.set(facecolor=paper, edgecolor=style.INK if is_active else style.FAINT, linewidth=72 / dpi)
    figure.add_artist(frame)
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba()).copy()
