"""What a panel is: a part of the picture, made once in its axes and then updated from a run and a look."""

from collections.abc import Callable
from typing import NamedTuple

from dashboard.panels import letters
from dashboard.panels.style import DARK, GREY, SMALL


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
    shows = frozenset()  # "train", "test" and fields of the look
    keys = ()  # its own, while it is in view: press(panel, look) gives another look

    def __init__(self, axes, handles):
        self.axes, self.handles = axes, handles
        self.artists = []  # what moves
        self.texts = {}  # all words, with their sizes: they grow with the window
        self.labels = []  # small words that move, as many as were needed so far
        self.letter = 1.0  # points
        self.automatic_limits = None  # the last ones that the learner has not chosen
        axes.autoscale(False)  # `limits` does that, and survives absurd numbers
        axes.patch.set_visible(False)  # words are drawn before the axes
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

    def grid(self, run, look):
        """A mosaic's columns and rows, and what else its axes depend on; its cells get whole pixels."""

    def limits(self, run, look, now):
        """Where the axes start and end, (left, right, bottom, top), if they are `now` at these places."""

    def update(self, run, look):
        """Give the artists what there is to show."""

    def take_key(self, name, run, look):
        """The look after a key of its own; None if it is not one."""
        return next((key.press(self, look) for key in self.keys if name in key.names), None)

    def press(self, x, y, button, run, look):
        """The look after the mouse was pressed there, in the axes' own numbers."""
        return look

    def drag(self, x, y, run, look):
        """The look after it has moved there with its button pressed; it may have left the panel."""
        return look

    def hover(self, x, y, run):
        """The mouse is there, with no button pressed: True if that changes what is drawn."""

    def leave(self):
        """The mouse has left the panel."""

    def arrange(self, letter, run, look):
        """The window has another size: letters of so many points."""
        self.letter = letter
        self.axes.tick_params(labelsize=SMALL * letter)
        for text, size in self.texts.items():
            text.set_fontsize(size * letter)

    def draw_words(self):
        """Draw the words that never change."""
        for text in self.texts:
            if text.get_animated() and text not in self.artists:
                self.axes.draw_artist(text)

    def draw(self):
        """Draw what moves; the rest stands there already."""
        for artist in self.artists:
            letters.draw(artist)

    def write(self, words, x, y, dx, dy, size=1, moves=False, within="axes fraction", **style):
        """Words at a place in the axes, moved by their own height."""
        where, style["size"] = ((x, y), (dx, dy), within, "offset fontsize"), size * self.letter
        text = self.axes.annotate(words, *where, animated=True, **style)
        self.texts[text] = size
        if moves:
            self.artists.append(text)
        return text

    def write_labels(self, labels, **style):
        """Small words in the panel, [(x, y, words, color, weight), ...]."""
        while len(self.labels) < len(labels):
            self.labels.append(self.axes.text(0, 0, "", animated=True, clip_on=True, **style))
            self.texts[self.labels[-1]] = SMALL
            self.artists.append(self.labels[-1])
        for text, (x, y, words, color, weight) in zip(self.labels, labels):
            text.set(position=(x, y), text=words, color=color, size=SMALL * self.letter, weight=weight)
        for text in self.labels[len(labels) :]:
            text.set_text("")
