"""What the dashboard may ask of a network that learns, and what it may do to it."""

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dashboard.run import past
from dashboard.run.images import as_images

SAMPLE = 1000  # test digits on which a neuron that is always 0 counts as dead
LONGEST_UPDATE = 0.5  # seconds that drawing waits for it
MOST_TURNS = 1024.0  # times faster, or slower, than the lesson's own rate


class Handles:
    def __init__(self, networks=(), throttle=None, train_set=None, gradient=None, state=()):
        # name: images [n, height, width, channels] -> what each layer gives, the probabilities last, or these
        self.networks: dict[str, Callable] = dict(networks)
        self.throttle = None if throttle is None else Throttle(throttle)
        self.train_set: Any = train_set  # the training digits: teach(image, digit), stop_teaching(), taught
        self.gradient: Callable | None = gradient  # images, answers -> an array for each weight and bias
        # every variable that training changes; the throttle is the learner's
        self.state: Sequence = [variable for variable in state if variable is not throttle]
        # (test or network, its neurons' responses): the last that was asked for, and one made beforehand
        self.sample = self.prepared = None, []
        self.looked_at = None  # the last test that was asked for
        self.due, self.began = 0, 0.0  # updates that training_step still has to show before it trains; when
        self.lock = threading.Lock()  # is held while the network is trained, or is another

    @contextlib.contextmanager
    def trained(self, due):
        """In this block, training_step shows so many updates, then trains."""
        with self.lock:
            self.due, self.began = due, time.perf_counter()
            try:
                yield
            finally:
                self.due = 0

    def is_showing(self):
        """Whether training_step is making an update, as far as one can tell."""
        return self.due > 0 and time.perf_counter() - self.began < LONGEST_UPDATE

    @contextlib.contextmanager
    def as_at(self, network):
        """In this block, the network is that of then; None: as it is now."""
        if not network:
            yield
            return
        with self.lock:
            now = past.copy_of(0, self.state)
            try:
                past.put_back(network, self.state)
                yield
            finally:
                past.put_back(now, self.state)

    def layers(self, images, channels, network=None):
        """What each layer of the first network makes of images [n, h, w], or only its answer."""
        if not self.networks:
            return []
        with self.as_at(network):
            layers = as_layers(ask(next(iter(self.networks.values())), images, channels))
            layers = [np.asarray(layer) for layer in layers]
        return [layer if layer.ndim > 1 else layer[:, np.newaxis] for layer in layers]  # a single neuron

    def responses(self, test, network=None):
        """How much each neuron responds to the first thousand test digits: asked once for each test."""
        self.looked_at, asked = test, network or test
        if not test or test.answers.X is None:
            return []
        if self.sample[0] is not asked:
            made = self.prepared  # by the training's thread
            self.sample = made if made[0] is asked else (asked, self.responses_now(test, network))
        return self.sample[1]

    def responses_now(self, test, network=None):
        images = as_images(test.answers.X[:SAMPLE])
        return [*map(strength, self.layers(images, test.answers.shape[2], network))]

    def prepare(self, before, test):
        """If somebody looks at the responses: before the window asks for them, which would have to wait."""
        if before and self.looked_at is before:
            with contextlib.suppress(Exception):  # the window will meet it, and say so
                self.prepared = test, self.responses_now(test)

    def dead_neurons(self, test, network=None):
        """(dead, all) in each layer but the last: dead neurons are 0 for all of a thousand test digits."""
        silent = [(layer == 0).all(axis=0) for layer in self.responses(test, network)[:-1]]
        return [(int(layer.sum()), len(layer)) for layer in silent]

    def dead_layers(self, test):
        """The names of those in which all neurons are dead: no gradient passes them."""
        counts = self.dead_neurons(test)
        return [f"Y{k + 1}" for k, (dead, total) in enumerate(counts) if dead == total]


def ask(predict, images, channels):
    """A network about images [n, height, width]; the same brightness in all channels."""
    return predict(np.repeat(images[..., np.newaxis], channels, axis=3).astype(np.float32))


def as_layers(Y):
    return list(Y) if isinstance(Y, (list, tuple)) else [Y]


def strength(layer):
    """How much each neuron responds to each image [n, neurons]; a channel, where it does so most."""
    values = np.abs(layer)
    while values.ndim > 2:  # one axis after the other: three times as fast as both at once
        values = values.max(axis=1)
    return values


class Throttle:
    """The learner's hand on the learning rate: a variable that NumPy can read and that has an `assign`."""

    def __init__(self, variable):
        self.variable, self.factor = variable, 1.0  # how many times what it would be without the learner

    def turn(self, factor):
        """Multiply it; True if that was possible."""
        turned = self.factor * factor
        if not 1 / MOST_TURNS <= turned <= MOST_TURNS:
            return False
        self.variable.assign(float(np.asarray(self.variable)) * factor)
        self.factor = turned
        return True
