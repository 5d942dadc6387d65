"""Panels that are pictures: digits, the pad."""

import math

import numpy as np

from dashboard import letters, measures, pictures
from dashboard.panel import SMALL, Key, Panel

LARGEST = 4000  # pixels: how wide a picture may be, zoomed in


class Picture(Panel):
    """Cells in columns and rows, drawn pixel by pixel."""

    margins = 1.3, 1.0, 2.0, 2.0

    def make(self):
        self.style_axes()
        self.axes.spines[:].set_visible(False)
        self.axes.yaxis.tick_right()
        self.note = self.write("", 0, 0, 0, -0.5, SMALL, va="top", fixed=False)  # a caption that changes
        self.heading = self.write("", 0, 1, 0, 0.4, weight="bold", fixed=False)  # a title that does
        blank = np.full((1, 1, 3), 255, np.uint8)
        style = {"animated": True, "mouseover": False}  # the toolbar does not show the colors
        self.image = self.axes.imshow(blank, interpolation="nearest", aspect="auto", **style)
        self.axes.set(xticks=[], yticks=[])
        self.axes.format_coord = lambda x, y: ""  # nor where the mouse is

    def limits(self, now):
        columns, rows, _ = self.grid()
        return 0, columns, rows, 0

    def update(self):
        columns, rows, _ = self.grid()
        side = self.axes.bbox.width / abs(np.ptp(self.axes.get_xlim()))  # zoomed in: more pixels
        side = int(np.clip(round(side), 1, max(1, LARGEST // columns)))
        self.image.set(data=self.picture(columns, rows, side), extent=(0, columns, rows, 0))

    def draw(self):
        if self.axes.get_xlim() == self.limits(None)[:2]:
            self.copy_pixels()
        else:
            self.axes.draw_artist(self.image)
        for text in (*self.labels, self.note, self.heading):
            letters.draw(text)

    def copy_pixels(self):
        """matplotlib's own way, which fits pictures to axes, takes ten times as long."""
        renderer = self.axes.figure.canvas.get_renderer()
        context = renderer.new_gc()
        renderer.draw_image(context, *self.axes.bbox.min, self.image.get_array()[::-1])
        context.restore()


class TrainingDigits(Picture):
    title = "3  Training digits"
    caption = "wrong ones first: right answer at the left, network's at the right"
    margins = 1.3, 3.6, 2.0, 2.0
    shows = frozenset({"train"})
    most, shape = 100, 1.0  # digits, and how much wider than high their mosaic is
    is_test = False

    def digits(self):
        train = self.record.last_train
        return train and train.digits._replace(images=measures.as_images(train.digits.images))

    def grid(self):
        digits = self.digits()
        shown, total = (len(digits.images), digits.total) if digits else (self.most, 10 * self.most)
        columns = math.ceil(math.sqrt(shown * self.shape))
        return columns, math.ceil(shown / columns), total

    def picture(self, columns, rows, side):
        return pictures.mosaic(self.digits() or measures.NO_DIGITS, columns, rows, side, self.marked())

    def press(self, x, y, button):
        """Opens the life of a digit."""
        return select(self.record, self.digits(), self.grid(), x, y, self.is_test)

    def marked(self):
        """Those that the learner has taught: they have the first places of a batch."""
        return range(self.record.last_train.taught if self.record.last_train else 0)


class TestDigits(TrainingDigits):
    title = "6  Test digits"
    caption = "wrong ones of all test digits first: the red ends at the accuracy"
    shows = frozenset({"test"})
    most, shape = 1000, 1.6
    is_test = True

    def digits(self):
        return self.record.last_test and self.record.last_test.digits

    def marked(self):
        return ()

    def arrange(self, letter):
        super().arrange(letter)
        marks = measures.scale_marks(*self.grid())
        self.axes.set_yticks(list(marks), [f"{100 * share:.4g}%" for share in marks.values()])


def select(record, digits, grid, x, y, is_test):
    """Select the digit at this place: the key of the view that shows it, or None."""
    k = math.floor(y) * grid[0] + math.floor(x)
    if digits and 0 <= k < len(digits.images):
        record.select(digits, k, is_test)
        return "i"


class Sheet(Picture):
    """One picture."""

    def grid(self):
        return 1, 1, 1


class Pad(Sheet):
    title = "d  Your own digit"
    shows = frozenset({"pad", "test"})
    keys = (
        Key(("c",), "centring on or off", lambda panel: panel.record.switch_centring()),
        Key(("backspace",), "clear the pad", lambda panel: panel.record.clear()),
        Key(("t",), "teach it: t and the right answer; t t ends that", lambda panel: panel.ask_for_answer()),
    )
    pen = None  # where it is
    asks = False  # for the right answer of the digit that is to be taught

    def picture(self, columns, rows, side):
        pad, pupil = self.record.pad, self.handles.pupil
        if self.asks:
            self.note.set_text("which digit is it? 0 ... 9, or t to stop teaching")
        elif pupil and pupil.taught:
            answers = dict.fromkeys(int(np.argmax(label)) for _, label in pupil.taught)
            self.note.set_text(f"taught in every batch: {', '.join(map(str, answers))}; t t ends that")
        elif pad.touched:
            teach = "; t: teach it" if pupil else ""
            self.note.set_text(f"clear: right button or backspace; c: centring{teach}")
        elif self.record.last_test:
            self.note.set_text("a test digit, until you write your own over it, with the mouse")
        else:
            self.note.set_text("write a digit, with the mouse")
        return pictures.sheet(pad.ink, side)

    def press(self, x, y, button):
        self.pen = (x, y) if button == 1 else None
        if self.pen:
            self.record.write(self.pen, self.pen)
        elif button == 3:
            self.record.clear()

    def ask_for_answer(self):
        self.asks = bool(self.handles.pupil)
        self.record.changed.add("pad")

    def take_key(self, name):
        if not self.asks or name in (None, "shift"):
            return super().take_key(name)
        self.asks = False
        self.record.changed.add("pad")
        if name == "t":
            self.handles.pupil.stop_teaching()
            self.report("not taught any longer")
        elif name in tuple("0123456789"):
            self.handles.pupil.teach(self.record.pad.picture(), int(name))
            self.report(f"taught: {name}")
        return True

    def report(self, words):
        """With the test accuracy, which tells what teaching costs."""
        test = self.record.test
        print(f"{words} (test accuracy:{test.y[-1, 0]:.4f})" if test.length else words, flush=True)

    def drag(self, x, y):
        if self.pen:
            self.record.write(self.pen, (x, y))
            self.pen = x, y


class NetworksInput(Sheet):
    title = "What a network gets"
    shows = frozenset({"pad"})

    def picture(self, columns, rows, side):
        pad = self.record.pad
        self.note.set_text("28x28 pixels, " + ("centred" if pad.centring else "not centred"))
        return pictures.sheet(pad.picture(), side)
