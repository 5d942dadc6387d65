"""The list of keys, over everything else."""

from dashboard.panels.style import FAINT, INK, PAPER

LINE, GAP, PADDING = 1.5, 1.5, 1.5  # ems: from line to line, between columns, around the list
WIDTH = 56  # ems of the whole list, at most
SMALLEST = 3  # pixels of a letter: a list of smaller ones is not drawn
BORDER = 3  # pixels around what is copied: the corners are round


class KeyList:
    def __init__(self, axes, groups):
        """`groups` of (keys, what they do), which stand side by side."""
        from matplotlib.patches import FancyBboxPatch

        self.canvas, self.is_shown = axes.figure.canvas, False
        style = {"color": INK, "va": "center_baseline", "transform": None, "animated": True, "visible": False}
        columns = [column for group in groups for column in zip(*group)]
        self.columns = [[axes.text(0, 0, words, **style) for words in column] for column in columns]
        self.lines = max(map(len, columns), default=1)
        self.box = axes.add_patch(FancyBboxPatch((0, 0), 1, 1, transform=None, animated=True, visible=False))
        self.box.set(facecolor=PAPER, edgecolor=FAINT, clip_on=False)
        self.size, self.pixels = None, None  # of the list, once it is drawn: its lines of text take 80 ms

    def arrange(self, width, height, em, points):
        """The window has another size: in pixels, and letters of so many points."""
        if self.size != (width, height):
            self.size, self.pixels = (width, height), None
        larger = min(1.2, height / em / (LINE * self.lines + 2 * PADDING + 1), width / em / WIDTH)
        self.em, self.points = larger * em, larger * points

    def place(self):
        """Columns as wide as their words, in the middle of the window."""
        renderer, em, x = self.canvas.get_renderer(), self.em, 0
        lefts = []
        for column in self.columns:
            lefts.append(x)
            for text in column:
                text.set_fontsize(self.points)
            x += max(text.get_window_extent(renderer).width for text in column) + GAP * em
        width, height = x - GAP * em + 2 * PADDING * em, (LINE * self.lines + 2 * PADDING) * em
        left, bottom = ((whole - part) / 2 for whole, part in zip(self.size, (width, height)))
        for x, column in zip(lefts, self.columns):
            for k, text in enumerate(column):
                y = bottom + height - (PADDING + LINE * (k + 0.5)) * em
                text.set_position((left + PADDING * em + x, y))
        self.box.set_bounds(left, bottom, width, height)
        self.box.set_boxstyle("round", pad=0, rounding_size=em)

    def draw(self):
        if not self.is_shown or self.em < SMALLEST:
            return
        if not self.pixels:
            self.place()
        renderer = self.canvas.get_renderer()
        self.box.draw(renderer)
        if self.pixels:
            self.canvas.restore_region(self.pixels)
            return
        for column in self.columns:
            for text in column:
                text.draw(renderer)
        self.pixels = self.canvas.copy_from_bbox(self.box.get_window_extent().padded(-BORDER))

    def draw_ahead(self):
        """For the next time that it is shown."""
        shown = self.is_shown
        try:
            self.show(True)
            self.draw()
        finally:
            self.show(shown)

    def show(self, is_shown):
        self.is_shown = is_shown
        for artist in self.box, *(text for column in self.columns for text in column):
            artist.set_visible(is_shown)
