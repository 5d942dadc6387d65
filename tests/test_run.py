"""run, updates: what a run has shown so far. All that is added stays as it is."""

import dataclasses

import numpy as np
import pytest
import toy

import tensorflowvisu
from dashboard.run import run as room
from dashboard.run.run import Run
from dashboard.run.updates import Moment

GOOD = {"X": np.zeros([5, 28, 28, 1]), "Y_": np.eye(10)[:5], "Y": np.eye(10)[:5], "loss": 1}
ZEROS = {"weights": [np.zeros(3)], "biases": [np.zeros(3)]}


def test_a_series_grows_and_keeps_everything():
    series = room.Series(2)
    for i in range(1000):
        series.add(i, i * 2, i * 3)
    assert series.x.tolist() == list(range(1000))
    assert series.y.tolist() == [[i * 2, i * 3] for i in range(1000)]


def test_two_runs_share_nothing():
    one, two = tensorflowvisu.MnistDataVis(), tensorflowvisu.MnistDataVis()
    one.update_test_data(0, **GOOD)
    one.run.append(Moment(0, None, one.test))
    assert one.run.test.length == 1 and two.run.test.length == 0
    assert two.test is None and two.run.moments == []


# ---------------------------------------------------------------------------------------- values, not states


@pytest.mark.parametrize("update", [toy.test_update(0, **GOOD), toy.train_update(0, **GOOD, **ZEROS)])
def test_an_update_cannot_be_changed(update):
    for field in dataclasses.fields(update):
        with pytest.raises(AttributeError):
            setattr(update, field.name, None)


def test_nor_can_a_moment():
    with pytest.raises(AttributeError):
        Moment(0).iteration = 7


def test_an_update_keeps_what_the_network_knew():
    """Training goes on while it is drawn."""
    W, B, X, Y = np.ones([784, 3]), np.ones(3), np.ones([5, 28, 28, 1]), np.eye(10)[:5]
    update = toy.train_update(0, X, np.eye(10)[:5], Y, 1, [W], [B])
    for array in W, B, X, Y:
        array *= 0
    snapshot = update.snapshot
    assert (snapshot.first_layer.weights == 1).all() and (snapshot.first_layer.biases == 1).all()
    assert (snapshot.weights == 1).all() and (snapshot.biases == 1).all()
    assert (snapshot.digits.images == 1).all() and snapshot.digits.given.tolist() == [0, 1, 2, 3, 4]


def test_the_moments_that_are_there_stay_what_they_are():
    run, updates = toy.run(100)
    for k, update in enumerate(updates):
        before, rows = list(run.moments), run.train.y.copy()
        toy.show(run, update)
        assert len(run.moments) == k + 1
        assert all(one is other for one, other in zip(run.moments, before))
        assert (run.train.y[: len(rows)] == rows).all() or np.isnan(rows).any()


# ---------------------------------------------------------------------------------------------------- memory


def test_the_older_moments_thin_out_but_every_number_stays(monkeypatch):
    monkeypatch.setattr(room, "MOST_MOMENTS", 40)
    run, all_of_them = Run(400), list(range(400))
    for i in all_of_them:
        train = toy.train_update(i, **{**GOOD, "loss": -i}, **ZEROS)
        run.append(Moment(i, train, toy.test_update(i, **{**GOOD, "loss": i}), 1.0 + i // 200))
        assert len(run.moments) <= 40
    for series in run.train, run.test, run.weights, run.biases:
        assert series.x.tolist() == all_of_them
    assert (-run.train.y[:, 1]).tolist() == run.test.y[:, 1].tolist() == all_of_them
    assert run.turns == {199: 2.0}
    iterations = [moment.iteration for moment in run.moments]
    assert iterations[0] == 0 and iterations[-20:] == list(range(380, 400))
    assert max(np.diff(iterations)[:10]) > 20


def run_on_tests_of(*Xs):
    """A run that was tested on these digits, one after the other."""
    run, before = Run(10), None
    for i, X in enumerate(Xs):
        Y_ = np.eye(10)[np.arange(len(X)) % 10]
        before = toy.test_update(i, X, Y_, np.roll(Y_, i, axis=1), 1.0, before)
        run.append(Moment(i, None, before))
    return run


def kept(run):
    """The arrays of test images in memory."""
    arrays = {id(test.answers.X): test.answers.X for test in run.tests() if test.answers.X is not None}
    return list(arrays.values())


def test_equal_test_digits_are_kept_once():
    """A program may make a new array for each test; a NaN equals a NaN."""
    X = np.ones([20, 28, 28, 1])
    X[3, 5, 5] = np.nan
    run = run_on_tests_of(X, X.copy(), X.copy())
    assert len(kept(run)) == 1 and len(run.tests_like(run.newest.test)) == 3


def test_of_test_digits_that_differ_only_the_newest_are_kept():
    """Or a program that tests on other digits each time would fill the memory."""
    Xs = [np.full([20, 28, 28, 1], value) for value in (0.1, 0.2, 0.3, 0.4)]
    run = run_on_tests_of(*Xs)
    (images,) = kept(run)
    assert images is Xs[-1] and len(run.tests()) == 4
    assert run.tests_like(run.newest.test) == [run.newest.test]
    assert [test.answers.given[0] for test in run.tests()] == [0, 1, 2, 3], "the answers stay"


def test_the_number_of_test_digits_may_change():
    X, more = np.ones([20, 28, 28, 1]), np.ones([30, 28, 28, 1])
    run = run_on_tests_of(X, more, more)
    assert [test.i for test in run.tests_like(run.newest.test)] == [1, 2]


# ------------------------------------------------------------------------------------------- the rate, a loss


def test_a_turn_of_the_rate_stands_where_the_training_took_it():
    """A moment may have waited in the queue when the learner turned it."""
    run = Run(100)
    for i, factor in (10, 1.0), (20, 1.0), (30, 4.0), (40, 4.0), (50, 1.0):
        run.append(Moment(i, factor=factor))
    assert run.turns == {20: 4.0, 40: 1.0}
