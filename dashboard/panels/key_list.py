"""The list of keys, over everything else."""

from dashboard.panels.style import FAINT, INK, PAPER

BORDER = 3  # pixels around the list, which is round at its corners


class KeyList:
    def __init__(self, axes, words):
        self.axes, self.canvas = axes, axes.figure.canvas
        box = {"facecolor": PAPER, "edgecolor": FAINT, "boxstyle": "round,pad=1.5"}
        self.text = axes.text(
            0.5, 0.5, words, va="center", ha="center", family="monospace", visible=False, animated=True,
            linespacing=1.6, multialignment="left", bbox=box, transform=axes.figure.transFigure, color=INK,
        )  # fmt: skip
        self.size, self.pixels = None, None  # of the list, once it is drawn: its lines of text take 80 ms

    def arrange(self, width, height, em, points):
        """The window has another size: in pixels, and letters of so many points."""
        if self.size != (width, height):
            self.size, self.pixels = (width, height), None
        lines = self.text.get_text().count("\n") + 1
        self.text.set_fontsize(points * min(1.2, height / em / (1.6 * lines + 4)))

    def draw(self):
        if not self.text.get_visible():
            return
        box = self.text.get_bbox_patch()
        if self.pixels:
            self.axes.draw_artist(box)
            self.canvas.restore_region(self.pixels)
        else:
            self.axes.draw_artist(self.text)
            self.pixels = self.canvas.copy_from_bbox(box.get_window_extent().padded(-BORDER))

    def prepare(self):
        """Draw it ahead of time, so that `?` shows it at once."""
        if not self.pixels:
            before = self.canvas.copy_from_bbox(self.axes.figure.bbox)
            self.switch()
            self.draw()
            self.switch()
            self.canvas.restore_region(before)

    def switch(self):
        self.text.set_visible(not self.text.get_visible())
