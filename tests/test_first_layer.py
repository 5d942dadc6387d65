"""first_layer: the weights of whatever a first layer is, or why they are not shown."""

import numpy as np
import toy
from boards import painted, words_in


def shown(run, weights, biases):
    toy.show(run, toy.train_update(0, *toy.Network().answers(0, 100), weights, biases))


def test_the_first_layer_may_change_its_shape():
    run = toy.finished(10)
    board = painted(run, "w")
    for shape, tiles in ([784, 40], 30), ([5, 5, 1, 12], 12), ([784, 3], 3), ([3, 3, 3, 7], 0):
        shown(run, [np.random.default_rng(0).normal(size=shape)], [np.zeros(shape[-1])])
        board.draw_changes()
        words = words_in(board)
        assert any("shown only of" in text for text in words) == (tiles == 0)
        if tiles:
            neurons = run.newest.train.snapshot.first_layer.neurons
            assert len(neurons) == tiles and {f"{k}" for k in neurons} <= set(words)


def test_fewer_neurons_than_before_or_of_another_kind_are_no_error(capsys):
    run = toy.finished(10)
    board = painted(run, "w")
    for shape in ([784, 40], [784, 10], [5, 5, 1, 6], [784, 2], [1, 1, 1, 1], [784, 30], [0, 3], [784, 0]):
        shown(run, [np.ones(shape), np.ones(3)], [np.ones(2)])
        board.draw_changes()
    assert not board.errors.seen and capsys.readouterr().err == ""
