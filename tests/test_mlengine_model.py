"""The networks, the learning rate, the optimizers."""

import inspect
import re

import numpy as np
import pytest
from jobs import options
from quiet import tf

from mlengine.trainer import model


@pytest.mark.parametrize("name", ["convolutional", "dense"])
def test_the_diagrams_show_the_true_shapes(name):
    network = model.NETWORKS[name](options())
    shapes = [
        list(layer.output.shape[1:]) for layer in network.layers if layer.name.startswith(("conv", "dense"))
    ]
    drawn = re.findall(r"# .*Y\d? *\[batch, ([\d, ]+)\]", inspect.getsource(model.NETWORKS[name]))
    assert [[int(size) for size in text.split(", ")] for text in drawn] == shapes


def test_a_digit_is_read_five_times_and_no_ink_comes_back_on_the_other_side():
    seen = []

    def network(X, training):
        seen.append(X[0, ..., 0].numpy())
        return tf.zeros([1, 10])

    image = np.zeros([1, 28, 28, 1], np.float32)
    image[0, 0, 5], image[0, 9, 27] = 1, 1
    model.probabilities(network, tf.constant(image), model.FIVE_TIMES)
    inked = [sorted(zip(*map(list, np.nonzero(copy)))) for copy in seen]
    assert inked == [[(0, 5), (9, 27)], [(0, 6)], [(0, 4), (9, 26)], [(1, 5), (10, 27)], [(8, 27)]]


@pytest.mark.parametrize("decay, last", [("constant", 1.0), ("exponential", 0.0067), ("cosine", 0.0)])
def test_the_rate_rises_then_falls(decay, last):
    rate = model.FallingRate(2.0, decay, steps=1000)
    assert float(rate(0)) < 0.05
    assert float(rate(50)) == pytest.approx(2.0, rel=0.3)
    assert float(rate(999)) == pytest.approx(2.0 * last, abs=0.001)
    rate.factor.assign(0.5)
    assert float(rate(999)) == pytest.approx(1.0 * last, abs=0.001)


@pytest.mark.parametrize(
    "name, kind, momentum, nesterov",
    [
        ("sgd", "SGD", 0.0, False),
        ("momentum", "SGD", 0.9, False),
        ("nesterov", "SGD", 0.9, True),
        ("adagrad", "Adagrad", None, None),
        ("adadelta", "Adadelta", None, None),
        ("rmsprop", "RMSprop", 0.0, None),
        ("adam", "Adam", None, None),
    ],
)
def test_each_optimizer_is_what_it_is_called(name, kind, momentum, nesterov):
    made = model.optimizer(options(f"--hp-optimizer={name}"), model.FallingRate(0.5, "constant", 100))
    assert type(made).__name__ == kind
    assert getattr(made, "momentum", None) == momentum and getattr(made, "nesterov", None) == nesterov
