"""A run: the moments that it has shown so far. All that is printed, drawn or saved is computed from it."""

import numpy as np

from dashboard.run.images import SHAPE
from dashboard.run.past import thinned
from dashboard.run.text import Earlier
from dashboard.run.updates import Moment
from dashboard.run.weights import EDGES

MOST_MOMENTS = 600  # of up to 200 kB: the older, the fewer
MOST_FUTURES = 4  # that were left, and stay as curves
START = Moment(0)


class Series:
    """Rows of numbers, each with its iteration, in an array that doubles when it is full."""

    def __init__(self, width):
        self.length, self.array = 0, np.empty((64, 1 + width))

    def add(self, i, *values):
        if self.length == len(self.array):
            self.array = np.concatenate([self.array, np.empty_like(self.array)])
        self.array[self.length] = i, *values
        self.length += 1

    def with_row(self, i, values):
        """The same with one more row; begun again if it has another width."""
        series = self if len(values) == self.y.shape[1] else Series(len(values))
        series.add(i, *values)
        return series

    @property
    def rows(self):
        return self.array[: self.length]

    @property
    def x(self):
        return self.rows[:, 0]

    @property
    def y(self):
        return self.rows[:, 1:]


class Run:
    """What was shown is never changed, and only `go_back` takes something away.

    Every number stays; of the moments, with their images and weights, older ones thin out.
    """

    def __init__(self, iterations=0, epoch=None, earlier=(), shape=None, classes=10):
        self.iterations, self.epoch, self.earlier = iterations, epoch, earlier
        self.compared = len(earlier)  # the others are futures of this run that were left
        self.expected = shape, classes  # before a digit was shown; None: nobody knows yet
        self.moments = []
        self.train, self.test = Series(3), Series(2)  # accuracy, loss, and for training the rate
        self.weights, self.biases = Series(len(EDGES)), Series(len(EDGES))
        self.gradients = self.steps = Series(0)  # of each layer, once it is known how many there are
        self.turns = {}  # {iteration from which on the rate was another: factor}
        self.networks = []  # its own past, as much of it as is kept
        self.branches = []  # iterations from which it was trained again

    def append(self, moment):
        before = self.newest
        if moment.factor != before.factor:
            self.turns[before.iteration] = moment.factor
        if moment.train is not before.train:
            train = moment.train
            self.train.add(train.i, train.accuracy, train.loss, train.rate)
            if train.snapshot:
                self.weights.add(train.i, *train.snapshot.weights)
                self.biases.add(train.i, *train.snapshot.biases)
                self.steps = self.steps.with_row(train.i, train.snapshot.steps)
        if moment.test is not before.test:
            self.test.add(moment.test.i, moment.test.accuracy, moment.test.loss)
            if moment.test.gradients is not None:
                self.gradients = self.gradients.with_row(moment.test.i, moment.test.gradients)
            if before.test and before.test.answers.X is not moment.test.answers.X:
                self.drop_test_images()
        if moment.network and not (self.networks and self.networks[-1] is moment.network):
            self.networks = thinned([*self.networks, moment.network])
        self.moments.append(moment._replace(network=None))
        if len(self.moments) > MOST_MOMENTS:
            del self.moments[1 : len(self.moments) // 2 : 2]  # every second one of the older half

    def drop_test_images(self):
        """A program that tests on other digits each time would fill the memory."""
        bare = {test: test.without_images() for test in self.tests() if test.answers.X is not None}
        self.moments = [m._replace(test=bare.get(m.test, m.test)) for m in self.moments]

    def go_back(self, i):
        """To iteration i: what came after it stays only as the curves of an earlier run."""
        factor = self.newest.factor
        name = f"before {i:,}" + (f" ×{factor:g}" if factor != 1 else "")
        if again := sum(one.name.split(" (")[0] == name for one in self.earlier):
            name += f" ({again + 1})"
        rows = (series.rows[series.x >= i].copy() for series in (self.train, self.test))
        futures = *self.earlier[self.compared :], Earlier(name, *(part[:, :3] for part in rows))
        self.earlier = *self.earlier[: self.compared], *futures[-MOST_FUTURES:]
        self.branches.append(i)
        self.moments = [moment for moment in self.moments if moment.measured_at < i]
        if self.moments:
            self.moments[-1] = self.newest._replace(iteration=i)
        for series in self.train, self.test, self.weights, self.biases, self.gradients, self.steps:
            series.length = np.count_nonzero(series.x < i)
        self.turns = {at: factor for at, factor in self.turns.items() if at < i}
        self.networks = [network for network in self.networks if network.i < i]

    def network_near(self, i):
        """Of the networks that are kept the one that was trained for the most similar time, or None."""
        return min(self.networks, key=lambda network: abs(network.i - i), default=None)

    @property
    def newest(self):
        return self.moments[-1] if self.moments else START

    @property
    def iteration(self):
        return self.newest.iteration

    @property
    def shape(self):
        """Height, width and channels of the images."""
        return self.kind()[0] or SHAPE

    @property
    def classes(self):
        return self.kind()[1]

    def knows_shape(self):
        """Whether networks may be asked: most take images of one size only."""
        return self.kind()[0] is not None

    def kind(self):
        _, train, test, *_ = self.newest
        known = test.answers if test else train and train.snapshot
        return (known.shape, known.classes) if known else self.expected

    def tests(self):
        """Oldest first."""
        return list(dict.fromkeys(moment.test for moment in self.moments if moment.test))

    def tests_like(self, test):
        """Those on the same digits, oldest first."""
        return [one for one in self.tests() if one.answers.X is test.answers.X]
