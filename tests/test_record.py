"""record: what a run has shown so far, and what the learner has clicked at."""

import numpy as np
import pytest
import toy

import tensorflowvisu
from dashboard import record

GOOD = {"X": np.zeros([5, 28, 28, 1]), "Y_": np.eye(10)[:5], "Y": np.eye(10)[:5], "loss": 1}


@pytest.fixture
def run():
    return record.Record(10)


def answered(right, given, X=None):
    """A test update of digits with these right and given answers."""
    X = np.zeros([len(right), 28, 28, 1]) if X is None else X
    return toy.test_update(0, X, np.eye(10)[right], np.eye(10)[given], 1.0)


@pytest.mark.parametrize("X", [np.zeros([5, 784]), np.zeros([5, 28, 28]), np.zeros([5, 32, 32, 3], np.uint8)])
def test_images_come_in_many_shapes(run, X):
    run.add(toy.test_update(0, **{**GOOD, "X": X}))
    sides = (32, 32) if X.ndim == 4 else (28, 28)
    assert run.last_test.digits.images.shape == (5, *sides)
    run.choose(0, 0)
    assert run.cell_digits(10).images.shape == (1, *sides)


def test_two_runs_share_nothing():
    one, two = tensorflowvisu.MnistDataVis(), tensorflowvisu.MnistDataVis()
    one.record, two.record = record.Record(10), record.Record(10)
    one.update_test_data(0, **GOOD)
    assert one.test_accuracies == [1] and two.test_accuracies == []
    assert len(one.updates) == 1 and not two.updates
    one.record.add(*one.updates)
    assert one.record.test.length == 1 and two.record.test.length == 0
    assert one.record.changed and not two.record.changed


def test_it_says_what_has_changed(run):
    run.add(toy.train_update(0, **GOOD, weights=[np.zeros(3)], biases=[np.zeros(3)]))
    assert run.changed == {"train"}
    run.add(toy.test_update(0, **GOOD))
    assert run.changed == {"train", "test", "pad"}, "a test digit is on the pad until somebody writes"
    run.changed.clear()
    run.write((0.5, 0.5), (0.5, 0.6))
    assert run.changed == {"pad"}
    run.changed.clear()
    run.add(toy.test_update(0, **GOOD))
    assert run.changed == {"test"}
    run.choose(1, 1)
    assert run.changed == {"test", "cell"}


def test_an_update_keeps_what_the_network_knew(run):
    """Training goes on while it is drawn."""
    W, B = np.ones([784, 3]), np.ones(3)
    update = toy.train_update(0, **GOOD, weights=[W], biases=[B])
    W += 1
    B += 1
    assert (update.first_layer.weights == 1).all() and (update.first_layer.biases == 1).all()
    assert (update.weights == 1).all()


def test_the_cell_holds_exactly_its_digits_and_the_matrix_all(run):
    random = np.random.default_rng(0)
    X, (right, given) = random.random([10_000, 28, 28, 1]), random.integers(0, 10, [2, 10_000])
    run.add(answered(right, given, X))
    counts = run.last_test.confusion
    assert counts.sum() == 10_000 and np.trace(counts) == (right == given).sum()
    assert run.cell == run.last_test.worst_pairs[0], "the worst, until one is clicked"
    run.choose(3, 5)
    run.choose(3, 10)  # a click beside the cells: zoomed out, there is such a place
    run.choose(-1, 5)
    assert run.cell == (3, 5)
    images, r, g, total, _ = run.cell_digits(1000)
    k = np.flatnonzero((right == 3) & (given == 5))
    assert (images == X[k, ..., 0]).all() and (r == 3).all() and (g == 5).all() and total == len(k)
    assert len(run.cell_digits(7).images) == 7


def test_the_matrix_matches_the_accuracy_printed(run, capsys):
    random = np.random.default_rng(0)
    right, given = random.integers(0, 10, [2, 1000])
    datavis = tensorflowvisu.MnistDataVis()
    datavis.record = run
    datavis.update_test_data(0, np.zeros([1000, 784]), np.eye(10)[right], np.eye(10)[given], 1)
    counts = datavis.updates[0].confusion
    assert counts.sum() == 1000
    assert f"test accuracy:{np.trace(counts) / 1000:.4f} " in capsys.readouterr().out


def test_a_network_that_makes_no_mistake_has_a_cell_to_look_at(run):
    assert run.cell == (0, 0) and not len(run.cell_digits(10).images)
    run.add(answered(np.arange(10), np.arange(10)))
    assert run.cell == (0, 0) and len(run.cell_digits(10).images) == 1
