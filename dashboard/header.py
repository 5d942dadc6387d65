"""The line above the panels, and the list of keys."""

from dashboard import letters
from dashboard.panel import DARK

HEIGHT = 2.4  # ems
BORDER = 3  # pixels around the list of keys, which is round at its corners
COLUMNS = {  # where each part starts; text is slow to draw, so each part that changes has its own artist
    "name": 0.01, "iteration": 0.25, "i": 0.294, "of": 0.334, "epoch": 0.4, "test": 0.46, "accuracy": 0.528,
    "speed": 0.575, "status": 0.675,
}  # fmt: skip


class Header:
    def __init__(self, axes, record, name, list_of_keys):
        self.axes, self.record, self.name = axes, record, name
        self.speed = self.status = ""
        axes.axis("off")
        style = {
            "va": "center",
            "animated": True,
            "xycoords": "axes fraction",
            "textcoords": "offset fontsize",
        }
        self.parts = {
            part: axes.annotate("", (x, 1), (0, -HEIGHT / 2), **style) for part, x in COLUMNS.items()
        }
        self.parts["name"].set_weight("bold")
        self.keys = axes.annotate(
            list_of_keys, (0.5, 0.5), (0, 0), **style, ha="center", family="monospace", visible=False,
            linespacing=1.6, multialignment="left",
            bbox={"facecolor": "white", "edgecolor": DARK, "boxstyle": "round,pad=1.5"},
        )  # fmt: skip
        self.keys_pixels = None  # of the list, once it is drawn: its lines of text take 80 ms
        self.size, self.bottom, self.cells = None, 0, {}  # in pixels: {part: (left, bottom, width, height)}

    def wanted(self):
        """What each part tells now."""
        run, test = self.record, self.record.last_test
        epoch = run.iterations_per_epoch and f"epoch {run.iteration // run.iterations_per_epoch + 1}"
        return {
            "name": self.name,
            "iteration": "iteration" if run.iterations else "",
            "i": f"{run.iteration:,}" if run.iterations else "",
            "of": f"of {run.iterations:,}" if run.iterations else "",
            "epoch": epoch or "",
            "test": "test accuracy" if test else "",
            "accuracy": f"{test.answers.accuracy:.4f}" if test else "",
            "speed": self.speed,
            "status": self.status or self.keys.get_text() and "? for the keys",  # a file has none
        }

    def title(self):
        """The same for the window's title."""
        texts = self.wanted()
        iteration = " ".join(texts.pop(part) for part in ("iteration", "i", "of"))
        texts["test"] = f"{texts['test']} {texts.pop('accuracy')}".strip()
        name, *rest = texts.values()
        return " · ".join(part for part in (name, iteration, *rest) if part)

    def changed(self):
        """The parts whose words have changed; they now have the new ones."""
        changed = {
            part: words for part, words in self.wanted().items() if words != self.parts[part].get_text()
        }
        for part, words in changed.items():
            self.parts[part].set_text(words)
        return list(changed)

    def arrange(self, width, height, em, points):
        """The window has another size: in pixels, and letters of so many points."""
        if self.size != (width, height):
            self.size, self.keys_pixels = (width, height), None
        self.bottom = int(height - HEIGHT * em)
        edges = [round(width * x) for x in (*COLUMNS.values(), 1)]
        for part, left, right in zip(COLUMNS, edges, edges[1:]):
            self.cells[part] = left, self.bottom, right - left, int(height) - self.bottom
            self.parts[part].set_fontsize(points)
        lines = self.keys.get_text().count("\n") + 1
        self.keys.set_fontsize(points * min(1.2, height / em / (1.6 * lines + 4)))

    def draw(self, parts):
        for part in parts:
            letters.draw(self.parts[part])

    def draw_keys(self):
        if not self.keys.get_visible():
            return
        box, canvas = self.keys.get_bbox_patch(), self.axes.figure.canvas
        if self.keys_pixels:
            self.axes.draw_artist(box)
            canvas.restore_region(self.keys_pixels)
        else:
            self.axes.draw_artist(self.keys)
            self.keys_pixels = canvas.copy_from_bbox(box.get_window_extent().padded(-BORDER))

    def prepare_keys(self):
        """Draw the list ahead of time, so that `?` shows it at once."""
        if not self.keys_pixels:
            canvas = self.axes.figure.canvas
            before = canvas.copy_from_bbox(self.axes.figure.bbox)
            self.switch_keys()
            self.draw_keys()
            self.switch_keys()
            canvas.restore_region(before)

    def switch_keys(self):
        self.keys.set_visible(not self.keys.get_visible())
