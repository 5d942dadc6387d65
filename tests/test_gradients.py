"""sizes, gradients: how large each layer's gradient is, how far its weights move, and the charts of both."""

import time
from dataclasses import replace

import numpy as np
import pytest
import toy
from boards import painted, words_in

from dashboard.panels import gradients as panels
from dashboard.panels import pixels, style
from dashboard.run import sizes
from dashboard.run.run import Run

X, Y_ = np.full([2000, 784], 255, np.uint8), np.eye(10)[np.zeros(2000, int)]


def sizes_of(gradient):
    return sizes.GradientSizes(gradient).of(X, Y_, (28, 28, 1))


def test_a_size_is_a_root_mean_square():
    assert sizes_of(lambda X, Y_: [np.array([[3.0, -4.0]]), np.zeros([1, 3])]).tolist() == [12.5**0.5, 0]


def test_biases_are_left_out_in_whatever_order_they_come():
    W, B, V = np.full([2, 3], 1.0), np.full(3, 5.0), np.full([3, 3, 1, 4], 2.0)
    assert (
        sizes_of(lambda X, Y_: [W, V, B, B]).tolist()
        == sizes_of(lambda X, Y_: [W, B, V, B]).tolist()
        == [1, 2]
    )


def test_it_is_asked_about_a_thousand_digits_as_the_network_is():
    seen = []
    sizes_of(lambda *given: seen.extend(given) or [])
    images, answers = seen
    assert images.shape == (sizes.SAMPLE, 28, 28, 1) and images.dtype == np.float32 and images.max() == 1
    assert answers.shape == (sizes.SAMPLE, 10) and answers.dtype == np.float32


def test_an_error_costs_a_chart_and_not_the_run(capsys):
    broken = sizes.GradientSizes(lambda X, Y_: 1 // 0)
    assert [broken.of(X, Y_, (28, 28, 1)) for _ in range(3)] == [None] * 3
    assert capsys.readouterr().err.count("gradient(X, Y_) failed, and is asked no more") == 1


def test_asking_changes_nothing():
    """The gradient of batch normalisation moves its running means."""
    means = np.zeros(3)

    def gradient(X, Y_):
        means[:] += 1
        return [np.ones([2, 2])]

    assert sizes.GradientSizes(gradient, [means]).of(X, Y_, (28, 28, 1)).tolist() == [1]
    assert means.tolist() == [0, 0, 0]


def test_a_slow_network_is_asked_less_often(monkeypatch):
    """A second each time, in a run of 1,000 seconds with a test every two."""
    now, asked = [0.0], []
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])

    def gradient(X, Y_):
        now[0] += 1
        asked.append(now[0])
        return [np.ones(1)]

    slow = sizes.GradientSizes(gradient)
    while now[0] < 1000:
        slow.of(X, Y_, (28, 28, 1))
        now[0] += 2
    assert 10 <= len(asked) <= 20, "at most two per cent"


def test_no_gradient_is_asked_where_nothing_is_drawn():
    import tensorflowvisu

    datavis = tensorflowvisu.MnistDataVis(gradient=lambda X, Y_: pytest.fail("asked"))
    datavis.update_test_data(0, X, Y_, Y_, 1.0)
    assert datavis.test.gradients is None


def test_a_step_is_told_in_proportion_to_the_weights():
    steps, W = sizes.StepSizes(), np.full([4, 5], 2.0)
    assert np.isnan(steps.to(0, [W])).all(), "nobody knows yet"
    W *= 2  # the array itself changes, as TensorFlow's variables do
    assert steps.to(10, [W]).tolist() == [0.05]
    assert np.isnan(steps.to(5, [W])).all(), "back in time"
    assert np.isnan(steps.to(15, [np.zeros([2, 2])])).all(), "another network"


def run_of(gradient, step):
    run = Run(100)
    for i in range(0, 100, 10):
        shown = i, X[:5], Y_[:5], Y_[:5], 1
        test, train = toy.test_update(*shown), toy.train_update(*shown, [np.ones(3)], [np.ones(3)])
        test = replace(test, gradients=np.array(gradient(i)))
        train = replace(train, snapshot=replace(train.snapshot, steps=np.array(step(i))))
        toy.show(run, test, train, iteration=i + 10)
    return run


def ends(board, panel):
    return [text.get_text() for text in board.panels[panel].ends if text.get_text()]


def test_each_layer_has_a_curve_with_its_name_and_value():
    run = run_of(lambda i: [1e-4 * (1 + i), 0.5], lambda i: [np.nan if i == 0 else 0.01, 0.02])
    board = painted(run, "g")
    assert ends(board, panels.Gradients) == ["W1 0.0091", "W2 0.5"]
    assert ends(board, panels.Steps) == ["W1 0.01", "W2 0.02"]
    for panel in panels.Gradients, panels.Steps:
        low, high = board.panels[panel].axes.get_ylim()
        assert low <= 1e-4 * 1.001 or panel is panels.Steps
        assert np.log10(low) % 1 == np.log10(high) % 1 == 0, "whole powers of ten"
    assert not board.errors.seen


def test_back_in_time_they_tell_the_values_of_then():
    run = run_of(lambda i: [1.0 + i], lambda i: [0.01 if i else np.nan])  # at first nothing has moved
    for moment, gradient, step in ((3, ["W1 31"], ["W1 0.01"]), (0, ["W1 1"], [])):
        board = painted(run, "g", moment=run.moments[moment])
        assert (ends(board, panels.Gradients), ends(board, panels.Steps)) == (gradient, step)


def test_a_dead_layer_has_no_curve_and_its_name_says_0():
    run = run_of(lambda i: [1.0 if i < 50 else 0.0, 0.5], lambda i: [0.01, 0.01])
    assert ends(painted(run, "g"), panels.Gradients) == ["W1 0", "W2 0.5"]


def test_without_a_gradient_it_says_what_is_missing():
    board = painted(toy.finished(50), "g")
    assert any("gradient(X, Y_)" in words for words in words_in(board))
    assert ends(board, panels.Steps) == ["W1 0.02"] and not board.errors.seen


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, 1e300, 1e-300])
def test_a_network_that_is_lost_is_no_error(value):
    run = run_of(lambda i: [value, 1.0], lambda i: [value, value])
    assert not painted(run, "g").errors.seen


def test_a_click_may_come_before_the_first_value():
    """matplotlib asks all axes where their numbers are, those of hidden panels too."""
    board = painted(Run(100))
    for panel in panels.Gradients, panels.Steps:
        assert board.panels[panel].axes.yaxis.get_major_ticks()


def test_layers_go_from_the_first_color_to_the_last():
    assert pixels.between(style.LAYERS, 3) == list(style.LAYERS)
    assert pixels.between(style.LAYERS, 1) == [style.LAYERS[0]]
    assert len(set(pixels.between(style.LAYERS, 50))) == 50
