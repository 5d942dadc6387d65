"""What a panel is: a part of the picture, made once in its axes and then updated from the record."""

from collections.abc import Callable
from typing import NamedTuple

from dashboard import letters

BLUE, RED, DARK, GREY, LIGHT = "#0060b0", "#d01c2a", "#222222", "#999999", "#e4e4e4"
WIDTH, HEIGHT = 1344, 756  # pixels of the whole picture
SMALL = 0.85  # size of numbers and captions; a title has 1


class Key(NamedTuple):
    """A key, by its names in matplotlib, of which the first is listed."""

    names: tuple[str, ...]
    meaning: str
    press: Callable


class Panel:
    """Lengths are in ems, the height of a letter."""

    title = ""
    caption = ""  # below the panel
    margins = 4.2, 1.8, 2.2, 2.0  # left, right, bottom, top
    shows = frozenset()  # the parts of the record that it shows
    keys = ()  # its own, while it is in view

    def __init__(self, axes, record, handles):
        self.axes, self.record, self.handles = axes, record, handles
        self.artists = []  # what moves
        self.numbers = []  # texts that are numbers, and change with every update
        self.labels = []  # small words that move, as many as there are
        self.texts = []  # (text, size): they grow with the window
        self.fixed = []  # those of them that never change
        self.letter = 1.0  # points
        self.automatic_limits = set()  # those that the learner has not chosen
        axes.patch.set_visible(False)  # the words that never change are drawn before the axes
        self.write(self.title, 0, 1, 0, self.margins[3] - 1.6, weight="bold")
        self.write(self.caption, 0, 0, 0, -0.5, SMALL, va="top")
        self.make()

    def make(self):
        """Make the artists."""

    def style_axes(self):
        self.axes.set_axisbelow(True)
        self.axes.spines[:].set_color(GREY)
        self.axes.tick_params(color=GREY, labelcolor=DARK, length=3)
        for axis in (self.axes.xaxis, self.axes.yaxis):
            axis.set_label_coords(0, 0)  # it has none; else each drawing looks for its place

    def grid(self):
        """A mosaic's columns and rows, and how many digits there are; its cells get whole pixels."""

    def limits(self, now):
        """Where the axes start and end, (left, right, bottom, top), if they are `now` at these places."""

    def update(self):
        """Give the artists what the record has for them."""

    def take_key(self, name):
        """True if the key is one of its own; then it has done what the key asks for."""
        for key in self.keys:
            if name in key.names:
                key.press(self)
                return True

    def press(self, x, y, button):
        """The mouse, in the axes' own numbers; may return the key of a view that is to be shown."""

    def drag(self, x, y):
        """The mouse has moved with its button pressed; it may have left the panel."""

    def hover(self, x, y):
        """The mouse is there, with no button pressed: True if that changes what is drawn."""

    def leave(self):
        """The mouse has left the panel."""

    def arrange(self, letter):
        """The window has another size: letters of so many points."""
        self.letter = letter
        self.axes.tick_params(labelsize=SMALL * letter)
        for text, size in self.texts:
            text.set_fontsize(size * letter)

    def draw_fixed(self):
        """Draw the words that never change."""
        for text in self.fixed:
            self.axes.draw_artist(text)

    def draw(self):
        """Draw what moves; the rest stands there already."""
        for artist in self.artists:
            self.axes.draw_artist(artist)
        for text in (*self.numbers, *self.labels):
            letters.draw(text)

    def write(self, words, x, y, dx, dy, size=1, fixed=True, **style):
        """Words at a place in the axes, moved by their own height; drawn once if they are fixed."""
        where = (x, y), (dx, dy), "axes fraction", "offset fontsize"
        text = self.axes.annotate(words, *where, animated=True, **style)
        self.texts.append((text, size))
        if fixed:
            self.fixed.append(text)
        return text

    def write_labels(self, labels, **style):
        """Small words in the panel, [(x, y, words, color, weight), ...]."""
        while len(self.labels) > len(labels):
            self.labels.pop().remove()
        while len(self.labels) < len(labels):
            self.labels.append(self.axes.text(0, 0, "", animated=True, clip_on=True, **style))
        for text, (x, y, words, color, weight) in zip(self.labels, labels):
            text.set(position=(x, y), text=words, color=color, fontsize=SMALL * self.letter)
            text.set_fontweight(weight)
