"""Pieces of SVG as text, and what all drawings share: the width, the letters, colours for light and dark."""

import sys
from html import escape

import edits
import numpy as np

sys.path.insert(0, str(edits.ROOT))
from dashboard.panels import style  # noqa: E402, found only now

WIDTH, LETTER = 480, 15  # units; on a phone 360 pixels wide, a letter still has 11
SHOWN = 1.25  # pixels for each unit, where there is room
LIGHT = {  # the dashboard's colours, with its meanings
    "paper": style.PAPER, "ink": style.INK, "grey": style.GREY, "shade": style.FAINT, "faint": style.RULE,
    "blue": style.TRAINING, "red": style.TEST,
    "slate": style.WEIGHTS[2], "pale-slate": style.WEIGHTS[1], "dark-slate": style.WEIGHTS[3],
    "ochre": style.NETWORKS[1], "pale-ochre": style.BIASES[0],
    "green": style.POSITIVE, "pale-green": "#d3ead8", "violet": style.NEGATIVE, "pale-violet": "#e4daf1",
}  # fmt: skip
DARK = {
    "paper": "#0d1117", "ink": "#e6e9ec", "grey": "#9aa5b1", "shade": "#4a5561", "faint": "#2a323b",
    "blue": "#6cb6ff", "red": "#ff7f88",
    "slate": "#7d8d9e", "pale-slate": "#414e5b", "dark-slate": "#b9c7d6",
    "ochre": "#f2b15c", "pale-ochre": "#4d3714",
    "green": "#6fca8b", "pale-green": "#1d4529", "violet": "#c4a3f0", "pale-violet": "#40305c",
}  # fmt: skip


def page(title, description, height, *parts):
    """A whole drawing. It has a background of its own, so it is readable on any page."""
    light, dark = (
        " ".join(f".{name} {{ color: {color} }}" for name, color in colors.items())
        + f" .halo {{ stroke: {colors['paper']} }}"
        for colors in (LIGHT, DARK)
    )
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH * SHOWN:g}" \
height="{height * SHOWN:g}" role="img" aria-labelledby="title description" \
font-family="sans-serif" font-size="{LETTER}">
<title id="title">{escape(title)}</title>
<desc id="description">{escape(description)}</desc>
<style>
{light}
@media (prefers-color-scheme: dark) {{ {dark} }}
.halo {{ stroke-width: 5; stroke-linejoin: round; paint-order: stroke }}
</style>
{box(0, 0, WIDTH, height, "paper", rounded=8)}
{chr(10).join(flat(parts))}
</svg>
"""


def flat(parts):
    """The pieces, which may lie in lists."""
    for part in parts:
        if isinstance(part, str):
            yield part
        else:
            yield from flat(part)


def number(value, digits=2):
    return f"{value:,.{digits}f}".replace("-", "−")


def place(**places):
    """Attributes; tenths of a unit are fine enough."""
    return " ".join(f'{name}="{round(float(value), 1) + 0:g}"' for name, value in places.items())


def words(x, y, text, color="ink", anchor="middle", bold=False):
    """A line of text whose letters stand on y."""
    style = ' font-weight="bold"' if bold else ""
    return (
        f'<text {place(x=x, y=y)} class="{color}" fill="currentColor" text-anchor="{anchor}"{style}>'
        f"{escape(text, quote=False)}</text>"
    )


def on_lines(text):
    """The same words, readable where lines pass behind them."""
    return text.replace('class="', 'class="halo ')


def box(x, y, width, height, color, line=None, dashed=False, rounded=0, opacity=1):
    shape = place(x=x, y=y, width=width, height=height) + (f' rx="{rounded}"' if rounded else "")
    return f'<rect {shape} class="{color}" {paint(line, dashed, opacity)}/>'


def circle(x, y, radius, color, line=None, dashed=False):
    return f'<circle {place(cx=x, cy=y, r=radius)} class="{color}" {paint(line, dashed)}/>'


def curve(points, color, width=2.0, dashed=False, arrow=False):
    """A line through points [n, 2]; dashed, or with an arrow at its end."""
    points = np.asarray(points, float)
    path = "M" + " ".join(f"{round(x, 1) + 0:g},{round(y, 1) + 0:g}" for x, y in points)
    parts = [f'<path d="{path}" class="{color}" {paint(width, dashed)}/>']
    if arrow:
        along = points[-1] - points[-2]
        along = along / np.hypot(*along) * (4 + 2 * width)
        across = along[::-1] * (0.5, -0.5)
        tip = [points[-1] - along + across, points[-1], points[-1] - along - across]
        parts += [curve(tip, color, width)]
    return "".join(parts)


def paint(line, dashed=False, opacity=1):
    """Filled with the colour, or, if a line's width is given, only outlined."""
    if line is None:
        return 'fill="currentColor"' + (f' fill-opacity="{opacity:.2f}"' if opacity < 1 else "")
    return f'fill="none" stroke="currentColor" stroke-width="{line:g}"' + ' stroke-dasharray="4 4"' * dashed


class Chart:
    """A place for curves: x from left to right, y from bottom to top."""

    def __init__(self, left, top, width, height, xs, ys):
        self.place, self.xs, self.ys = (left, top, width, height), xs, ys

    def at(self, x, y):
        """Points [n, 2] of the drawing for numbers of the chart."""
        (left, top, width, height), (x0, x1), (y0, y1) = self.place, self.xs, self.ys
        x, y = np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float))
        return np.stack([left + (x - x0) / (x1 - x0) * width, top + (y1 - y) / (y1 - y0) * height], axis=-1)

    def frame(self):
        return box(*self.place, "faint", line=1.5)

    def line(self, x, y, color, width=2.0, **style):
        """A curve; what is outside the chart is cut off."""
        left, top, wide, high = self.place
        window = place(x=left, y=top, width=wide, height=high)
        return (
            f'<svg {window} viewBox="{left:g} {top:g} {wide:g} {high:g}">'
            f"{curve(self.at(x, y), color, width, **style)}</svg>"
        )

    def dots(self, x, y, color, radius=4.0):
        return [circle(*point, radius, color) for point in self.at(x, y).reshape(-1, 2)]
