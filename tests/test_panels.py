"""Every view of any run is drawn: before there is anything to show, of NaN, of learners' own networks."""

import warnings

import numpy as np
import pytest
import toy
from boards import chosen, look, painted, words_in

import startup
from dashboard.panels import views
from dashboard.run.images import as_images
from dashboard.run.look import Look

KEYS = [view.keys[0] for view in views.VIEWS]


def tenths(X):
    return np.full([len(X), 10], 0.1)


def none_is_nan(board):
    for key in KEYS:
        look(board, view=key)
        words = words_in(board)
        assert words and not [text for text in words if "nan" in text.lower()], key
    assert not board.errors.seen


def test_before_the_first_update_nothing_is_nan():
    none_is_nan(painted(toy.run(10)[0]))


@pytest.mark.parametrize("k", [0, 1], ids=["tests", "training"])
def test_nor_is_it_where_a_network_tells_of_its_training_or_of_its_tests_only(k):
    run, made = toy.run(10)
    toy.show(run, made[k])
    none_is_nan(painted(run))


def test_a_network_of_nan_is_no_error(capsys):
    """Nor is one that becomes so while it is looked at: a rate that is too high ends so."""
    run, (test, train, *_) = toy.run(10)
    X, Y_, _, _ = toy.Network().answers(0, 100)
    nan = np.full([784, 10], np.nan)
    toy.show(run, test, train)
    board = painted(run, "w", {"": lambda X: tenths(X) * np.nan})
    huge = np.float32(3e38) * np.where(np.arange(7840) % 2, 1, -1).reshape(784, 10)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for loss, weights in (1e38, huge), (np.inf, np.full([784, 10], np.inf)), (np.nan, nan):
            shown = toy.train_update(0, X, Y_, nan[:100], loss, [weights], [weights[0]])
            toy.show(run, toy.test_update(0, X, Y_, nan[:100], loss), shown)
            board.draw_changes()
            for key in KEYS if loss is np.nan else "w":
                look(board, view=key)
    assert not board.errors.seen and capsys.readouterr().err == ""


@pytest.mark.parametrize("form, shape, classes", [
    ([64], (8, 8, 1), 26), ([32, 32, 3], (32, 32, 3), 3), ([28, 28], (28, 28, 1), 100),
])  # fmt: skip
def test_own_networks_of_any_images_and_any_number_of_classes(form, shape, classes, capsys):
    random, asked = np.random.default_rng(0), set()
    X, Y_ = random.random([200, *form]), np.eye(classes)[np.arange(200) % classes]
    pixels = int(np.prod(form))
    W = random.normal(size=[pixels, classes]) / 10
    run, train, test = toy.run(20)[0], None, None

    def predict(X):
        asked.add(X.shape[1:])
        scores = np.exp(X.reshape(len(X), -1) @ W)
        return [scores, scores / scores.sum(axis=1, keepdims=True)]

    board = painted(run, "0", {"": predict})
    for i in 0, 10, 20:
        Y = predict(X.reshape(-1, *shape))[-1]
        test = toy.test_update(i, X, Y_, np.roll(Y, i, axis=1), 1.0, test)
        train = toy.train_update(i, X, Y_, Y, 1.0, [W, W], [W[0], W[0]], before=train)
        toy.show(run, test, train)
        board.draw_changes()
    for written in Look().pad, Look().pad.written((0.2, 0.2), (0.7, 0.8)):
        board.look = Look(pad=written, digit=chosen(test), neuron=(0, 1))
        for key in KEYS:
            look(board, view=key)
            for panel in board.places:
                panel.press(0.5, 0.5, 1, run, board.look)
    assert asked == {shape} and not board.errors.seen and capsys.readouterr().err == ""
    assert run.classes == classes and run.shape == shape and as_images(X).shape == (200, *shape[:2])


@pytest.mark.parametrize("key", "dliw")
def test_a_network_is_not_asked_about_images_of_another_size(key, capsys):
    """Before its first update, nobody knows of what size its images are."""

    def predict(X):
        assert X.shape[1:] == (8, 8, 1), "as libraries say it"
        return np.full([len(X), 3], 1 / 3)

    run, Y_ = toy.run(20)[0], np.eye(3)
    board = painted(run, key, {"": predict})
    assert not board.errors.seen
    toy.show(run, toy.test_update(0, np.ones([3, 64]), Y_, Y_, 1.0))
    board.draw_changes()
    assert not board.errors.seen and capsys.readouterr().err == ""


def test_tensorflows_variables_are_read_without_a_warning():
    tf = startup.start_tensorflow()
    W, B = tf.Variable(tf.ones([784, 10])), tf.Variable(tf.ones([10]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        X, Y_, Y, loss = (tf.constant(value) for value in toy.Network().answers(0, 100))
        update = toy.train_update(0, X, Y_, Y, loss, [W, W], [B, B])
    assert update.snapshot.first_layer.weights.shape == (10, 28, 28)
