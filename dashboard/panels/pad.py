"""The pad on which the learner writes a digit, and what a network gets of it."""

import numpy as np

from dashboard.panels import pixels
from dashboard.panels.mosaics import Picture
from dashboard.panels.panel import Key


class Pad(Picture):
    key, title = "d", "Your own digit"
    shows = frozenset({"pad", "asks", "test"})
    pen = None  # where it is

    def clear(self, look):
        return look._replace(pad=look.pad.cleared())

    def recentre(self, look):
        return look._replace(pad=look.pad.recentred())

    def ask(self, look):
        return look._replace(asks=bool(self.handles.train_set))

    def is_centring(self, look):
        return look.pad.centring

    keys = (
        Key(("backspace",), "clear the pad", clear, "clear"),
        Key(("c",), "centring on or off", recentre, "centred", is_centring),
        Key(("t",), "teach it: t and the right answer; t t ends that", ask, "teach it"),
    )

    def picture(self, run, look, columns, rows, side):
        self.note.set_text(self.hint(run, look))
        return pixels.sheet(look.pad.visible_ink(look.at(run).test), side)

    def hint(self, run, look):
        train_set = self.handles.train_set
        if look.asks:
            return f"which digit is it? 0 ... {answer_keys(run)[-1]}, or t to stop teaching"
        if train_set and train_set.taught:
            taught = dict.fromkeys(int(np.argmax(label)) for _, label in train_set.taught)
            return f"taught in every batch: {', '.join(map(str, taught))}; t t ends that"
        if look.pad.ink is not None:
            return f"clear: right button or backspace; c: centring{'; t: teach it' if train_set else ''}"
        if look.at(run).test:
            return "a test digit, until you write your own over it, with the mouse"
        return "write a digit, with the mouse"

    def take_key(self, name, run, look):
        if not look.asks or name in (None, "shift"):
            return super().take_key(name, run, look)
        if name == "t":
            self.handles.train_set.stop_teaching()
            report("not taught any longer", run)
        elif name in answer_keys(run):
            self.handles.train_set.teach(look.network_input(run), int(name))
            report(f"taught: {name}", run)
        return look._replace(asks=False)

    def press(self, x, y, button, run, look):
        self.pen = (x, y) if button == 1 else None
        if button == 3:
            return look._replace(pad=look.pad.cleared())
        return self.drag(x, y, run, look)

    def drag(self, x, y, run, look):
        if not self.pen:
            return look
        start, self.pen = self.pen, (x, y)
        return look._replace(pad=look.pad.written(start, self.pen))


def answer_keys(run):
    """The keys that tell which digit it is: of more than ten classes, the first ten can be taught."""
    return tuple("0123456789"[: run.classes])


def report(words, run):
    """With the test accuracy, which tells what teaching costs."""
    test = run.test
    print(f"{words} (test accuracy:{test.y[-1, 0]:.4f})" if test.length else words, flush=True)


class NetworkInput(Picture):
    title = "What a network gets"
    shows = frozenset({"pad", "test"})

    def picture(self, run, look, columns, rows, side):
        height, width, _ = run.shape
        self.note.set_text(f"{height}x{width} pixels, " + ("centred" if look.pad.centring else "not centred"))
        return pixels.sheet(look.network_input(run), side)
