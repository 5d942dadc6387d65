"""The line above the panels: what runs, where it is, and how good the network is now."""

from dashboard.panels import letters, style
from dashboard.panels.panel import SIDE

HEIGHT = 4.2  # ems
UPPER, LOWER = 1.6, 3.0  # ems from above: the middles of its two lines
WHERE = 0.36  # of the width: where the middle part starts
PROGRESS = 0.53, 0.69  # of the width: where the line starts and ends that shows the progress
REACH = 0.8  # ems around that line in which it is clicked


class Header:
    def __init__(self, axes, name):
        self.axes, self.speed, self.status = axes, "", ""
        self.name, _, self.told = name.partition(": ")
        axes.axis("off")
        axes.set(xlim=(0, 1), ylim=(0, 1))
        self.band = axes.axhspan(0, 1, color=style.BAND, animated=True)
        line = {"animated": True, "solid_capstyle": "round"}
        self.rule, self.track, self.done = (
            axes.plot([], [], color=color, **line)[0] for color in (style.FAINT, style.FAINT, style.INK)
        )
        words = {"va": "center", "animated": True}
        self.parts = {
            "name": axes.text(0, 0, self.name, weight="bold", color=style.INK, **words),
            "told": axes.text(0, 0, self.told, color=style.GREY, **words),
            "iteration": axes.text(0, 0, "", color=style.INK, **words),
            "where": axes.text(0, 0, "", color=style.GREY, **words),
            "accuracy": axes.text(0, 0, "", ha="right", weight="bold", color=style.TEST, **words),
            "wrong": axes.text(0, 0, "", ha="right", color=style.GREY, **words),
        }
        self.shown = None  # what was drawn last

    def wanted(self, run, look):
        """What each part tells now, and how far the run is, from 0 to 1."""
        i, test = look.at(run).measured_at, look.at(run).test
        epoch = f"epoch {i // run.epoch + 1}" if run.epoch else ""
        return {
            "name": self.name,
            "told": self.told,
            "iteration": f"iteration {i:,} of {run.iterations:,}" if run.iterations else "",
            "where": joined(epoch, self.speed, self.status),
            "accuracy": f"{100 * test.accuracy:.2f} %" if test else "",
            "wrong": f"of the test digits · {test.answers.score}" if test else "",
        }, i / run.iterations if run.iterations else None

    def title(self, run, look):
        """For the window."""
        words, _ = self.wanted(run, look)
        accuracy = words["accuracy"] and f"test accuracy {words['accuracy']}"
        return joined(self.name, words["iteration"], accuracy, words["where"])

    def update(self, run, look):
        """True if there is something new to draw."""
        words, done = wanted = self.wanted(run, look)
        changed, self.shown = wanted != self.shown, wanted
        for part, text in self.parts.items():
            text.set_text(words[part])
        start, end = PROGRESS
        reached = start + (end - start) * min(1, done or 0)
        self.done.set_data([start, reached], self.track.get_ydata())
        for line in self.track, self.done:
            line.set_visible(done is not None)
        return changed

    def arrange(self, width, height, em, points):
        """The window has another size: in pixels, and letters of so many points."""
        high, side = HEIGHT * em, SIDE * em / width
        self.bottom = int(height - high)
        self.axes.set_position((0, 1 - high / height, 1, high / height))
        upper, lower = 1 - UPPER / HEIGHT, 1 - LOWER / HEIGHT
        lines = (upper, style.NORMAL), (lower, style.SMALL)
        places = [(x, *line) for x in (side, WHERE, 1 - side) for line in lines]
        for text, (x, y, size) in zip(self.parts.values(), places):
            text.set(position=(x, y), fontsize=size * points)
        self.parts["accuracy"].set_fontsize(style.LARGE * points)
        self.rule.set(data=([0, 1], [0, 0]), linewidth=0.1 * points)
        self.track.set(data=(PROGRESS, [upper, upper]), linewidth=0.4 * points)
        self.done.set(ydata=[upper, upper], linewidth=0.4 * points)

    def progress_at(self, x, y):
        """Which share of the run the line stands for at these pixels, or None."""
        (x, y), (start, end) = self.axes.transAxes.inverted().transform((x, y)), PROGRESS
        near = abs(y - (1 - UPPER / HEIGHT)) < REACH / HEIGHT
        if near and start <= x <= end and self.track.get_visible():
            return (x - start) / (end - start)

    def draw(self):
        letters.draw([self.band, self.rule, self.track, self.done, *self.parts.values()])


def joined(*parts):
    return " · ".join(filter(None, parts))
