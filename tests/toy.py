"""A made-up lesson, without TensorFlow and as long as a test wants it."""

import argparse
import itertools
import math
import time
import types

import numpy as np

import mnistdata
import tensorflowvisu
from dashboard import options
from dashboard.run import answers, updates
from dashboard.run.run import Run

TRAIN_EVERY, TEST_EVERY, EPOCH = 10, 50, 50  # iterations
BATCH, TESTED = 4, 1000  # digits


class Network:
    """It learns nothing, but the share of its right answers rises."""

    def __init__(self):
        self.random = np.random.default_rng(0)
        self.test_digits = self.digits(TESTED)

    def digits(self, n):
        return self.random.random([n, 28, 28, 1], np.float32), np.eye(10)[self.random.integers(0, 10, n)]

    def answers(self, i, n):
        """X, Y_, Y and the loss of n digits after i iterations; a test has the same ones each time."""
        share = 0.6 - 0.6 / (1 + i / 20)
        X, Y_ = self.test_digits if n == TESTED else self.digits(n)
        wrong = np.arange(n) >= share * n
        return X, Y_, np.where(wrong[:, None], np.roll(Y_, 1, axis=1), Y_), 100 * (1 - share)

    def variables(self):
        return [self.random.normal(size=[784, 10]), self.random.normal(size=50)], [np.arange(10) - 5]


class Variable:
    """As those of TensorFlow and Keras."""

    def __init__(self, value):
        self.value = value

    def assign(self, value):
        self.value = value
        print(f"assigned {value:g}", flush=True)

    def __array__(self, dtype=None, copy=None):
        return np.array(self.value, dtype)


def laboratory(iterations):
    """A lesson with all that the laboratory can use: a rate, layers, digits that can be taught."""
    images = np.random.default_rng(0).integers(0, 256, [200, 28, 28], np.uint8)
    data = mnistdata.DataSet(images, np.arange(200) % 10, seed=0)

    def layers(X):
        ink = X.reshape(len(X), -1)
        return [ink[:, :12], ink[:, :3] * 0, np.full((len(X), 10), 0.1)]

    mnist = types.SimpleNamespace(source="made up", train=data)
    handed = {"gradient": lambda X, Y_: [X[:5], Y_[:5]], "state": [np.zeros(3)]}
    return lesson(iterations, predict=layers, mnist=mnist, handed={"throttle": Variable(1.0), **handed})


def lesson(iterations, seconds=0.001, predict=None, mnist=None, handed=None, **given):
    """`seconds` are those of one iteration; the rest are options."""
    network = Network()
    asked = argparse.Namespace(**{**vars(options.defaults()), **given})
    datavis = tensorflowvisu.MnistDataVis(asked, mnist, BATCH, predict, **(handed or {}))
    datavis.epoch = EPOCH

    def step(i, n, update_test_data, update_train_data):
        if update_test_data:
            datavis.update_test_data(i, *network.answers(i, TESTED))
        if update_train_data:
            datavis.update_train_data(i, *network.answers(i, 100), *network.variables())
        time.sleep(n * seconds)

    datavis.animate(step, iterations, train_data_update_freq=TRAIN_EVERY, test_data_update_freq=TEST_EVERY)
    return datavis


def test_update(i, X, Y_, Y, loss, before=None):
    return updates.TestUpdate.of(i, answers.read_answers(X, Y_, Y), float(loss), before)


def train_update(i, X, Y_, Y, loss, weights, biases, taught=0, before=None):
    found = answers.read_answers(X, Y_, Y)
    knows = updates.take_snapshot(found, weights, biases, np.array([0.02]), taught, before)
    return updates.TrainUpdate(i, found.accuracy, float(loss), math.nan, knows)


def show(run, *shown, iteration=None, factor=1.0):
    """Append a moment with these updates."""
    moment = run.newest
    for update in shown:
        part = "train" if isinstance(update, updates.TrainUpdate) else "test"
        moment = moment._replace(**{part: update, "iteration": update.i})
    run.append(moment._replace(iteration=moment.iteration if iteration is None else iteration, factor=factor))


def run(iterations):
    """A run that ends after so many, and its updates, to be shown."""
    network = Network()
    made, train = [], None
    for i in range(0, iterations + 1, TRAIN_EVERY):
        if i % TEST_EVERY == 0 or i == iterations:
            made.append(test_update(i, *network.answers(i, TESTED)))
        if i < iterations:
            train = train_update(i, *network.answers(i, 100), *network.variables(), before=train)
            made.append(train)
    return Run(iterations, EPOCH), made


def finished(iterations):
    """A run with all its moments, as a lesson makes them."""
    shown, made = run(iterations)
    for i, parts in itertools.groupby(made, key=lambda update: update.i):
        show(shown, *parts, iteration=min(i + TRAIN_EVERY, iterations))
    return shown
