"""The line above the panels."""

from dashboard.panels import letters

HEIGHT = 2.4  # ems
COLUMNS = {  # where each part starts; text is slow to draw, so each part that changes has its own artist
    "name": 0.01, "iteration": 0.25, "i": 0.294, "of": 0.334, "epoch": 0.4, "test": 0.46, "accuracy": 0.528,
    "speed": 0.575, "status": 0.675,
}  # fmt: skip


class Header:
    def __init__(self, axes, name):
        self.axes, self.name, self.parts = axes, name, {}
        self.speed = self.status = ""
        axes.axis("off")
        style = {"va": "center", "animated": True, "textcoords": "offset fontsize"}
        for part, x in COLUMNS.items():
            self.parts[part] = axes.annotate("", (x, 1), (0, -HEIGHT / 2), "axes fraction", **style)
        self.parts["name"].set_weight("bold")
        self.bottom, self.cells = 0, {}  # in pixels: {part: (left, bottom, width, height)}

    def wanted(self, run, look):
        """What each part tells now."""
        i, test = look.at(run).measured_at, look.at(run).test
        return {
            "name": self.name,
            "iteration": "iteration" if run.iterations else "",
            "i": f"{i:,}" if run.iterations else "",
            "of": f"of {run.iterations:,}" if run.iterations else "",
            "epoch": f"epoch {i // run.epoch + 1}" if run.epoch else "",
            "test": "test accuracy" if test else "",
            "accuracy": f"{test.accuracy:.4f}" if test else "",
            "speed": self.speed,
            "status": self.status,
        }

    def title(self, run, look):
        """The same for the window's title."""
        texts = self.wanted(run, look)
        iteration = " ".join(texts.pop(part) for part in ("iteration", "i", "of"))
        texts["test"] = f"{texts['test']} {texts.pop('accuracy')}".strip()
        name, *rest = texts.values()
        return " · ".join(part for part in (name, iteration, *rest) if part)

    def update(self, run, look):
        """The parts whose words have changed."""
        wanted = self.wanted(run, look)
        changed = [part for part, words in wanted.items() if words != self.parts[part].get_text()]
        for part in changed:
            self.parts[part].set_text(wanted[part])
        return changed

    def arrange(self, width, height, em, points):
        """The window has another size: in pixels, and letters of so many points."""
        self.bottom = int(height - HEIGHT * em)
        edges = [round(width * x) for x in (*COLUMNS.values(), 1)]
        for part, left, right in zip(COLUMNS, edges, edges[1:]):
            self.cells[part] = left, self.bottom, right - left, int(height) - self.bottom
            self.parts[part].set_fontsize(points)

    def draw(self, parts):
        for part in parts:
            letters.draw(self.parts[part])
