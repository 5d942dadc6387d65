"""bars: what each network answers to the digit on the pad."""

import numpy as np
import pytest
import toy
from boards import painted, words_in

from dashboard.panels import bars


def tenths(X):
    return np.full([len(X), 10], 0.1)


def test_the_bars_are_the_probabilities():
    probabilities = np.arange(10) / 45
    board = painted(toy.finished(10), "d", {"a": lambda X: probabilities[None], "b": tenths})
    panel = board.panels[bars.Probabilities]
    assert [bar.get_width() for bar in panel.bars] == pytest.approx([*probabilities, *[0.1] * 10])
    words = words_in(board)
    assert {"20.0 %", "10.0 %", "■ a", "■ b"} <= set(words) and "0.0 %" not in words


def test_there_is_a_bar_for_each_class():
    run, _ = toy.run(10)
    board = painted(run, "d", {"": lambda X: np.full([len(X), 26], 1 / 26)})
    Y_ = np.eye(26)
    toy.show(run, toy.test_update(0, np.ones([26, 784]), Y_, Y_, 1.0))
    board.draw_changes()
    panel = board.panels[bars.Probabilities]
    assert len(panel.bars) == 26 and panel.axes.get_ylim() == (26, 0) and not board.errors.seen


def test_without_predict_d_says_how():
    run = toy.finished(10)
    assert any("MnistDataVis(predict=predict)" in text for text in words_in(painted(run, "d")))
    assert not any("predict" in text for text in words_in(painted(run, "d", {"": tenths})))


def test_a_predict_of_another_shape_is_named():
    with pytest.raises(ValueError, match=r"predict: probabilities \[1, 10\] .* not \[1, 7\]"):
        bars.answer_of(lambda X: np.zeros([len(X), 7]), np.zeros([28, 28]), 1, 10)
