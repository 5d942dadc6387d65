"""What a panel is: a part of the picture, made once in its axes and then updated from a run and a look."""

from collections.abc import Callable
from typing import NamedTuple

from dashboard.panels import letters
from dashboard.panels.style import FAINT, GREY, INK, NORMAL, SMALL, lettering
from dashboard.run.handles import Handles
from dashboard.run.look import Look
from dashboard.run.run import Run

SIDE = 1.7  # ems between a panel's words and the edges of its cell
TICK_PAD = 0.5  # of a number's height, between it and the axes
TITLE, FOOT = 1.5, 1.0  # ems from the cell's upper edge to its title, from its lower edge to its foot
TITLE_ROOM, FOOT_ROOM = 3.0, 3.6  # ems from these edges to the axes
SIDES = {  # where an axis may have its numbers: the axis, how far across the axes, from there which way
    "bottom": ("xaxis", 0, (0, -TICK_PAD), {"ha": "center", "va": "top"}),
    "top": ("xaxis", 1, (0, TICK_PAD), {"ha": "center", "va": "bottom"}),
    "left": ("yaxis", 0, (-TICK_PAD, 0), {"ha": "right", "va": "center_baseline"}),
    "right": ("yaxis", 1, (TICK_PAD, 0), {"ha": "left", "va": "center_baseline"}),
}


class Key(NamedTuple):
    """A key, by its names in matplotlib, of which the first is listed."""

    names: tuple[str, ...]
    meaning: str
    press: Callable
    button: str | None = ""  # in the control bar; empty: its meaning; None: another place is clicked
    is_active: Callable = lambda *_: False  # of the same things as `press`


class Panel:
    """Lengths are in ems, the height of a letter."""

    key = ""  # that shows it alone, in a frame before its title
    title = ""  # empty: `update` sets the text of `heading`
    caption = ""  # at its foot, the same with `note`
    margins = SIDE, SIDE, FOOT_ROOM, TITLE_ROOM  # left, right, bottom, top
    numbered = "bottom", "left"  # sides of the axes
    shows = frozenset()  # "train", "test" and fields of the look
    keys = ()  # its own, while it is in view: press(panel, look) gives another look

    def __init__(self, axes, handles: Handles):
        self.axes, self.handles = axes, handles
        self.artists = []  # what moves
        self.labels = []  # small words that move, as many as were needed so far
        self.numbers = {side: [] for side in self.numbered}  # the axes' own
        self.letter = 0  # points
        self.shape = 1.0  # of the room for its axes: how many times as wide as high it is
        self.automatic_limits = None  # the last ones that the learner has not chosen
        axes.autoscale(False)  # `limits` does that, and survives absurd numbers
        axes.patch.set_visible(False)  # words are drawn before the axes
        axes.tick_params(**{f"label{side}": False for side in SIDES})  # see `number_axes`
        around = {"transform": axes.figure.transFigure, "va": "center", "animated": True}
        frame = {"boxstyle": "circle,pad=0.3", "facecolor": "none", "edgecolor": FAINT}
        self.badge = axes.text(0, 0, self.key, ha="center", color=GREY, bbox=frame, **around)
        self.heading = axes.text(0, 0, self.title, weight="bold", color=INK, **around)
        self.aside = axes.text(0, 0, "", ha="right", color=GREY, **around)
        self.note = axes.text(0, 0, self.caption, color=GREY, **around)
        # all words, with their sizes: they grow with the window
        self.texts = {self.badge: SMALL, self.heading: NORMAL, self.aside: SMALL, self.note: SMALL}
        self.fonts = self.note.get_fontfamily()  # of what is made later, when a reader's settings may be back
        self.later = {"animated": True, **lettering(self.fonts)}
        self.badge.set_visible(bool(self.key))
        self.make()
        self.artists.append(self.aside)
        self.artists += [self.heading] * (not self.title) + [self.note] * (not self.caption)

    def make(self) -> None:
        """Make the artists."""

    def style_axes(self):
        self.axes.set_axisbelow(True)
        self.axes.spines[:].set_visible(False)
        self.axes.tick_params(length=0)
        for axis in (self.axes.xaxis, self.axes.yaxis):
            axis.set_label_coords(0, 0)  # it has none; else each drawing looks for its place

    def grid(self, run: Run, look: Look) -> tuple | None:
        """A mosaic's columns and rows, and what else its axes depend on; its cells get whole pixels."""

    def limits(self, run: Run, look: Look, now: tuple) -> tuple | None:
        """Where the axes start and end, (left, right, bottom, top), if they are `now` at these places."""

    def update(self, run: Run, look: Look) -> None:
        """Give the artists what there is to show."""

    def take_key(self, name: str, run: Run, look: Look) -> Look | None:
        """The look after a key of its own; None if it is not one."""
        return next((key.press(self, look) for key in self.keys if name in key.names), None)

    def press(self, x: float, y: float, button: int, run: Run, look: Look) -> Look:
        """The look after the mouse was pressed there, in the axes' own numbers."""
        return look

    def drag(self, x: float, y: float, run: Run, look: Look) -> Look:
        """The look after it has moved there with its button pressed; it may have left the panel."""
        return look

    def hover(self, x: float, y: float, run: Run) -> bool | None:
        """The mouse is there, with no button pressed: True if that changes what is drawn."""

    def leave(self) -> None:
        """The mouse has left the panel."""

    def arrange(self, letter: float, cell: tuple, run: Run, look: Look) -> None:
        """The window has another size: letters of so many points, a cell (left, bottom, width, height)."""
        figure = self.axes.figure
        self.letter = letter
        for text, size in self.texts.items():
            text.set_fontsize(size * letter)
        em, (left, bottom, width, height) = letter * figure.dpi / 72, cell
        start, end = left + SIDE * em, left + width - SIDE * em
        title, foot = bottom + height - TITLE * em, bottom + FOOT * em
        heading = start + 1.8 * em * bool(self.key)
        for text, place in {
            self.badge: (start + 0.6 * em, title), self.heading: (heading, title),
            self.aside: (end, title), self.note: (start, foot),
        }.items():  # fmt: skip
            text.set_position(figure.transFigure.inverted().transform(place))

    def number_axes(self):
        """Put the numbers where matplotlib's own would stand, which take ten times as long to draw."""
        for side, texts in self.numbers.items():
            name, across, gap, aligned = SIDES[side]
            axis = getattr(self.axes, name)
            ticks, to_scale = axis.get_majorticklocs(), axis.get_transform().transform
            low, high = sorted(to_scale(axis.get_view_interval()))
            slack = (high - low) / 1000
            named = zip(to_scale(ticks), ticks, axis.get_major_formatter().format_ticks(ticks))
            words = [(tick, word) for at, tick, word in named if low - slack <= at <= high + slack]
            within = "data", "axes fraction"
            while len(texts) < len(words):
                where = within if name == "xaxis" else within[::-1]
                texts.append(self.write("", 0, 0, *gap, SMALL, within=where, color=GREY, **aligned))
            for text, (tick, word) in zip(texts, words):
                text.set_text(word)
                text.xy = (tick, across) if name == "xaxis" else (across, tick)
            for text in texts[len(words) :]:
                text.set_text("")

    def draw_words(self):
        """Draw the words that never change, as long as the axes do not."""
        self.number_axes()
        letters.draw([text for text in self.texts if text.get_animated() and text not in self.artists])

    def draw(self):
        """Draw what moves; the rest stands there already."""
        letters.draw(self.artists)

    def write(self, words, x, y, dx, dy, size=NORMAL, moves=False, within="axes fraction", **style):
        """Words at a place in the axes, moved by their own height."""
        where, style["size"] = ((x, y), (dx, dy), within, "offset fontsize"), size * self.letter
        text = self.axes.annotate(words, *where, **self.later, **style)
        self.texts[text] = size
        if moves:
            self.artists.append(text)
        return text

    def write_labels(self, labels, **style):
        """Small words in the panel, [(x, y, words, color, weight), ...]."""
        while len(self.labels) < len(labels):
            self.labels.append(self.axes.text(0, 0, "", **{"clip_on": True, **self.later, **style}))
            self.texts[self.labels[-1]] = SMALL
            self.artists.append(self.labels[-1])
        for text, (x, y, words, color, weight) in zip(self.labels, labels):
            text.set(position=(x, y), text=words, color=color, size=SMALL * self.letter, weight=weight)
        for text in self.labels[len(labels) :]:
            text.set_text("")
