"""What a run has shown so far: updates go in; what follows from them is computed once."""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from dashboard import handwriting, measures
from dashboard.history import History

TRAINING_DIGITS, TEST_DIGITS = 100, 1000  # shown at most
NEURONS = 30  # of the first layer, at most
PARTS = frozenset({"train", "test", "pad", "cell", "neuron", "selected"})  # that a panel may show
WORST = 3  # pairs of digits that are most often confused


@dataclass(eq=False)
class TrainUpdate:
    """The next batch as the network answers it, and a copy of what it knows by now."""

    i: int
    accuracy: float
    loss: float
    weights: np.ndarray  # edges of the seven bands
    biases: np.ndarray
    digits: measures.Digits
    first_layer: measures.FirstLayer | None
    taught: int = 0  # how many digits of the batch are the learner's own: its first ones
    neurons: list = field(default_factory=list)  # of the first layer: those that are shown

    @classmethod
    def of(cls, i, answers, loss, weights, biases, taught=0):
        return cls(
            i, answers.accuracy, loss,
            measures.percentiles(weights, "weights"), measures.percentiles(biases, "biases"),
            measures.wrong_first(answers, TRAINING_DIGITS), measures.first_layer(weights, biases), taught,
        )  # fmt: skip

    def compact(self):
        """The same in less memory, to go back to."""
        images = np.rint(255 * np.clip(np.nan_to_num(self.digits.images), 0, 1)).astype(np.uint8)
        return replace(self, digits=self.digits._replace(images=images))


@dataclass(eq=False)
class TestUpdate:
    """All test digits as the network answers them."""

    i: int
    answers: measures.Answers
    loss: float

    @cached_property
    def digits(self):
        return measures.wrong_first(self.answers, TEST_DIGITS)

    @cached_property
    def confusion(self):
        return measures.confusion(self.answers.right, self.answers.given, self.answers.classes)

    @cached_property
    def worst_pairs(self):
        return measures.worst_pairs(self.confusion, WORST)

    def digits_in(self, cell, most):
        """Digits in a cell (right, given) of the confusion matrix."""
        k = np.flatnonzero((self.answers.right == cell[0]) & (self.answers.given == cell[1]))
        return measures.some_digits(self.answers, k[:most], len(k))

    def compact(self):
        given = self.answers.given
        return replace(
            self, answers=self.answers._replace(given=given.astype(np.min_scalar_type(given.max())))
        )


@dataclass(eq=False)
class Selected:
    """The digit whose life is looked at."""

    image: np.ndarray  # [height, width]
    right: int
    number: int | None  # among the test digits; None for a training digit
    # of a training digit, since it was selected: (iteration, answer)
    answers: list = field(default_factory=list)


class Record:
    """The curves, the latest updates, and what the learner has written or clicked at.

    `changed` has the PARTS that have changed since they were last drawn.
    """

    def __init__(self, iterations=0, iterations_per_epoch=None, earlier=()):
        self.iterations, self.iterations_per_epoch, self.iteration = iterations, iterations_per_epoch, 0
        self.train, self.test = measures.Series(2), measures.Series(2)  # accuracy, loss
        self.earlier = earlier  # the curves of other runs, behind this one's
        self.factor = 1.0  # how many times the lesson's own learning rate, by hand
        self.turns = {}  # {iteration from which on it was another: factor}
        edges = len(measures.EDGES)
        self.weights, self.biases = measures.Series(edges), measures.Series(edges)
        self.last_train = self.last_test = None  # the latest, or those of the moment that is looked at
        self.history = History()
        self.selected, self.siblings = None, []  # the digit that was clicked, and those beside it
        self.pad = handwriting.Pad()
        self.chosen = None  # the cell of the confusion matrix that was clicked
        self.neuron = None  # the one that was clicked: (layer, number)
        self.changed = set()

    def take(self, result):
        """What a call of training_step has shown."""
        self.go_to_newest()
        if result.factor != self.factor:
            self.turns[self.iteration] = self.factor = result.factor
        self.iteration = result.iteration
        for update in result.updates:
            self.add(update)
        self.history.add(self.iteration, self.last_train, self.last_test)

    def add(self, update):
        if isinstance(update, TrainUpdate):
            self.add_train(update)
        else:
            self.add_test(update)

    def add_train(self, update):
        before, self.last_train = self.last_train, update
        self.train.add(update.i, update.accuracy, update.loss)
        self.weights.add(update.i, *update.weights)
        self.biases.add(update.i, *update.biases)
        if layer := update.first_layer:
            now = measures.strongest(layer.weights, NEURONS)
            k = update.neurons = measures.keep_places(before.neurons if before else [], now)
            update.first_layer = layer._replace(weights=layer.weights[k], biases=layer.biases[k])
        self.changed.add("train")

    def add_test(self, update):
        X, before = update.answers.X, self.last_test and self.last_test.answers.X
        if before is not X and np.array_equal(before, X):  # the same digits: keep them once
            update.answers = update.answers._replace(X=before)
        self.last_test = update
        self.test.add(update.i, update.answers.accuracy, update.loss)
        self.changed.add("test")
        if not self.pad.touched:
            self.pad.load(measures.as_images(update.answers.X[:1])[0])
            self.changed.add("pad")

    # --------------------------------------------------------------------------------------- back in time

    @property
    def newest_iteration(self):
        return self.history.newest.iteration if self.history.is_past else self.iteration

    def step(self, by):
        """Look at the moment before (-1) or after (1); False if there is none."""
        return self.look_at(self.history.position + by)

    def look_at(self, position):
        moment = self.history.go_to(position)
        if moment:
            self.iteration, self.last_train, self.last_test = moment
            if self.history.is_past:
                self.iteration = self.measured_at()
                self.last_test = self.last_test and replace(self.last_test)  # its caches go when one goes on
            self.changed |= {"train", "test"}
        return bool(moment)

    def go_to_newest(self):
        return self.look_at(len(self.history) - 1)

    def measured_at(self):
        """The iteration of the latest values, which may be less than what has been trained since."""
        return max((u.i for u in (self.last_train, self.last_test) if u), default=self.iteration)

    def is_lost(self):
        """Whether the network has become NaN, from which it does not return."""
        return any(series.length and np.isnan(series.y[-1, 1]) for series in (self.train, self.test))

    # -------------------------------------------------------------------------------- what the learner does

    def write(self, start, end):
        self.pad.write(start, end)
        self.changed.add("pad")

    def clear(self):
        self.pad.clear()
        self.changed.add("pad")

    def switch_centring(self):
        self.pad.centring = not self.pad.centring
        self.changed.add("pad")

    def choose(self, right, given):
        classes = self.last_test.answers.classes if self.last_test else 0
        if right in range(classes) and given in range(classes):  # else it was beside the cells
            self.chosen = right, given
            self.changed.add("cell")

    def choose_neuron(self, layer, number):
        self.neuron = layer, number
        self.changed.add("neuron")

    def select(self, digits, k, is_test):
        """The k-th of these digits is looked at; `digits` are those that come before and after it."""
        self.siblings = [
            Selected(image, int(right), int(number) if is_test else None)
            for image, right, number in zip(measures.as_images(digits.images), digits.right, digits.numbers)
        ]
        self.selected = self.siblings[k]
        self.changed.add("selected")

    def select_sibling(self, by):
        if self.selected:
            k = self.siblings.index(self.selected) + by
            self.selected = self.siblings[k % len(self.siblings)]
            self.changed.add("selected")

    def life(self):
        """Iterations, and what the selected digit was taken for [n]."""
        if self.selected and self.selected.number is not None:
            return self.history.answers(self.selected.number)
        return np.array(self.selected.answers if self.selected else [], int).reshape(-1, 2).T

    def changeable_digits(self, most):
        """The test digits whose answers have changed most often."""
        changes = self.history.changes()
        if not self.last_test or not len(changes):
            return measures.NO_DIGITS
        order = np.argsort(-changes, kind="stable")[:most]
        changed = order[changes[order] > 0]
        return measures.some_digits(self.last_test.answers, changed, np.count_nonzero(changes))

    @property
    def cell(self):
        """The cell of the confusion matrix that is looked at: the one that was clicked, or the worst."""
        worst = self.last_test.worst_pairs if self.last_test else []
        return self.chosen or (worst[0] if worst else (0, 0))

    def cell_digits(self, most):
        """The digits in that cell."""
        return self.last_test.digits_in(self.cell, most) if self.last_test else measures.NO_DIGITS
