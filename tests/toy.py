"""A made-up lesson, without TensorFlow and as long as a test wants it."""

import argparse
import time
import types

import numpy as np

import mnistdata
import tensorflowvisu
from dashboard import measures, options, record

TRAIN_EVERY, TEST_EVERY, EPOCH = 10, 50, 50  # iterations


class Network:
    """It learns nothing, but the share of its right answers rises."""

    def __init__(self):
        self.random = np.random.default_rng(0)

    def answers(self, i, n):
        """X, Y_, Y and the loss of n digits after i iterations."""
        share = 0.6 - 0.6 / (1 + i / 20)
        X, Y_ = self.random.random([n, 28, 28, 1], np.float32), np.eye(10)[self.random.integers(0, 10, n)]
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
    return lesson(iterations, predict=layers, mnist=mnist, throttle=Variable(1.0))


def lesson(iterations, seconds=0.001, predict=None, mnist=None, throttle=None, **given):
    """`seconds` are those of one iteration; the rest are options."""
    network = Network()
    asked = argparse.Namespace(**{**vars(options.defaults()), **given})
    batch = mnist and len(mnist.train.labels) // EPOCH
    datavis = tensorflowvisu.MnistDataVis(asked, mnist, batch, predict, throttle=throttle)

    def step(i, n, update_test_data, update_train_data):
        if update_test_data:
            datavis.update_test_data(i, *network.answers(i, 1000))
        if update_train_data:
            datavis.update_train_data(i, *network.answers(i, 100), *network.variables())
        time.sleep(n * seconds)

    datavis.animate(step, iterations, train_data_update_freq=TRAIN_EVERY, test_data_update_freq=TEST_EVERY)
    return datavis


def test_update(i, X, Y_, Y, loss):
    return record.TestUpdate(i, measures.answers(X, Y_, Y), loss)


def train_update(i, X, Y_, Y, loss, weights, biases):
    return record.TrainUpdate.of(i, measures.answers(X, Y_, Y), loss, weights, biases)


def run(iterations):
    """The record of a run that ends after so many, and its updates, to be added."""
    network = Network()
    updates = []
    for i in range(0, iterations + 1, TRAIN_EVERY):
        if i % TEST_EVERY == 0 or i == iterations:
            updates.append(test_update(i, *network.answers(i, 1000)))
        if i < iterations:
            updates.append(train_update(i, *network.answers(i, 100), *network.variables()))
    return record.Record(iterations, EPOCH), updates
