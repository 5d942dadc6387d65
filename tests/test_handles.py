"""handles: the learner's hand on the learning rate, and what may be asked of a network."""

import numpy as np
import pytest
import toy

import tensorflowvisu
from dashboard.run.handles import MOST_TURNS, SAMPLE, Handles, Throttle
from dashboard.run.training import schedule

# --------------------------------------------------------------------------------------------------- the rate


def test_it_turns_from_where_it_is():
    variable = toy.Variable(0.5)
    rate = Throttle(variable)
    assert rate.turn(2) and rate.turn(2) and rate.factor == 4 and variable.value == 2
    assert rate.turn(0.5) and variable.value == 1


def test_it_has_ends():
    rate = Throttle(toy.Variable(1.0))
    while rate.turn(2):
        pass
    assert rate.factor == MOST_TURNS
    while rate.turn(0.5):
        pass
    assert rate.factor == 1 / MOST_TURNS


def test_a_programs_own_schedule_is_not_the_learners_hand():
    variable = toy.Variable(1.0)
    rate = Throttle(variable)
    variable.value = 0.25
    assert rate.factor == 1
    assert rate.turn(2) and rate.factor == 2 and variable.value == 0.5


def test_a_rate_that_starts_at_0():
    rate = Throttle(toy.Variable(0.0))
    assert rate.turn(2) and rate.factor == 2


def test_a_moment_carries_the_factor_of_its_steps():
    variable = toy.Variable(1.0)
    datavis = tensorflowvisu.MnistDataVis(throttle=variable)
    used = []

    def step(i, n, update_test_data, update_train_data):
        used.append(variable.value)

    moments = datavis.moments(step, schedule(40, 10, 10))
    factors = [next(moments).factor]
    datavis.handles.throttle.turn(8)
    factors += [moment.factor for moment in moments]
    assert factors == used == [1, 8, 8, 8, 8]


def test_what_is_still_to_be_shown_is_known_until_it_trains():
    datavis, network, due = tensorflowvisu.MnistDataVis(), toy.Network(), []

    def step(i, n, update_test_data, update_train_data):
        due.append(datavis.handles.due)
        if update_test_data:
            datavis.update_test_data(i, *network.answers(i, 10))
        if update_train_data:
            datavis.update_train_data(i, *network.answers(i, 10), *network.variables())
        due.append(datavis.handles.due)
        if i == 60:
            1 / 0  # noqa: B018

    with pytest.raises(ZeroDivisionError):
        list(datavis.moments(step, schedule(100, 20, 50)))
    assert due == [2, 0, 2, 0, 2, 0, 1, 0, 1, 0] and datavis.handles.due == 0


# ------------------------------------------------------------------------------------------------ the network


def two_layers(X):
    """Four neurons, of which the last two are dead, and ten answers."""
    ink = X.reshape(len(X), -1)
    hidden = np.stack([ink[:, 0], -ink[:, 1], 0 * ink[:, 0], 0 * ink[:, 0]], axis=1)
    return [hidden, np.full((len(X), 10), 0.1)]


def a_test(X):
    Y_ = np.eye(10)[np.arange(len(X)) % 10]
    return toy.test_update(0, X, Y_, Y_, 1.0)


def test_dead_neurons_are_0_for_all_of_a_thousand_digits():
    X = np.random.default_rng(0).random([20, 784])
    assert Handles({"": two_layers}).dead_neurons(a_test(X)) == [(2, 4)]
    assert Handles({"": lambda X: two_layers(X)[-1]}).dead_neurons(a_test(X)) == [], (
        "it tells only its answer"
    )
    assert Handles().dead_neurons(a_test(X)) == []


def test_a_channel_is_dead_if_it_is_0_everywhere():
    convolution = np.zeros([20, 6, 6, 3])
    convolution[7, 2, 3, 1] = -1
    handles = Handles({"": lambda X: [convolution, np.full((len(X), 10), 0.1)]})
    assert handles.dead_neurons(a_test(np.ones([20, 784]))) == [(2, 3)]


def test_a_test_is_sent_through_the_network_once():
    """Of 3.1, that takes 47 ms in the window's thread."""
    asked = []
    handles = Handles({"": lambda X: asked.append(len(X)) or two_layers(X)})
    first, second = a_test(np.ones([3000, 784])), a_test(np.ones([30, 784]))
    for test in first, first, second, second:
        handles.dead_neurons(test)
        handles.responses(test)
    assert asked == [SAMPLE, 30]


def test_the_training_asks_beforehand_where_somebody_looks():
    asked = []
    handles = Handles({"": lambda X: asked.append(len(X)) or two_layers(X)})
    first, second, third = (a_test(np.ones([n, 784])) for n in (10, 20, 30))
    handles.prepare(None, first)
    handles.prepare(first, second)
    assert asked == [], "nobody looks"
    handles.responses(second)
    handles.prepare(second, third)
    assert asked == [20, 30] and len(handles.responses(third)[0]) == 30
    assert asked == [20, 30], "the window waits for nothing"


@pytest.mark.parametrize("X, shape", [
    (np.ones([20, 784]), (28, 28, 1)), (np.full([20, 28, 28], 255, np.uint8), (28, 28, 1)),
    (np.ones([20, 64]), (8, 8, 1)), (np.full([20, 32, 32, 3], 255, np.uint8), (32, 32, 3)),
])  # fmt: skip
def test_a_network_is_asked_about_images_of_its_own_shape(X, shape):
    """However a program hands over its test digits."""
    seen = []
    Handles({"": lambda X: seen.append(X) or two_layers(X)}).responses(a_test(X))
    assert [images.shape for images in seen] == [(20, *shape)]
    assert seen[0].dtype == np.float32 and (seen[0] == 1).all()
