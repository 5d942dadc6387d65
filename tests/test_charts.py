"""charts: curves of this run and of earlier ones, what the mouse tells, where the rate was turned."""

import numpy as np
import pytest
import toy
from boards import look, painted, picture_of, words_in

from dashboard.panels import charts
from dashboard.run.text import Earlier

CURVE = np.array([[0, 0.5, 100], [20, 0.6, 99], [100, 0.7, 98]])


@pytest.fixture(scope="module")
def run():
    return toy.finished(100)


def test_the_curves_tell_their_latest_values(run):
    words = words_in(painted(run, "7"))
    for series in run.train, run.test:
        accuracy, loss, *_ = series.y[-1]
        assert f"{accuracy:.4f}" in words and f"{loss:.4g}" in words


def test_earlier_curves_are_drawn_behind(run):
    pictures = []
    for earlier in [], [Earlier("an earlier run", CURVE, CURVE)]:
        of_today = toy.finished(100)
        of_today.earlier = earlier
        board = painted(of_today, "7")
        pictures.append(picture_of(board))
    assert "━ an earlier run" in words_in(board)
    assert (pictures[0] != pictures[1]).any()
    grey = (pictures[1] == (0x8A, 0x8A, 0x8A, 255)).all(axis=2)
    assert grey[:, :672].sum() > 100 and grey[:, 672:].sum() > 100, "in both charts"


def test_the_mouse_tells_the_values_there(run):
    board = painted(run, "7")
    chart = board.panels[charts.Accuracy]
    assert chart.hover(52, 0.5, run)
    words = chart.pointed.get_text()
    at = run.train.x.tolist().index(50)
    assert f"training {run.train.y[at, 0]:.4f} at 50" in words and "test" in words
    chart.leave()
    assert not chart.pointed.get_visible()


def test_the_rate_that_was_turned_is_marked():
    run, made = toy.run(100)
    for k, update in enumerate(made):
        toy.show(run, update, factor=8.0 if k > 5 else 1.0)
    (turned,) = run.turns
    board = painted(run, "7")
    (mark,) = board.panels[charts.Loss].marks.values()
    assert mark.get_text() == "×8" and mark.xy[0] == turned


def test_a_mark_beyond_a_zoomed_chart_is_not_drawn():
    run = toy.finished(100)
    run.turns[50] = 8.0
    board = painted(run, "7")
    panel, before = board.panels[charts.Loss], picture_of(board)
    panel.axes.set(xlim=(60, 90))
    board.stale.add(panel)
    board.draw_changes()
    assert (picture_of(board)[:, :672] == before[:, :672]).all(), "in the other chart"


def test_back_in_time_the_limits_stay(run):
    board = painted(run, "8")
    before = [board.panels[panel].axes.viewLim.extents.tolist() for panel in (charts.Weights, charts.Biases)]
    look(board, moment=run.moments[1])
    assert before == [
        board.panels[panel].axes.viewLim.extents.tolist() for panel in (charts.Weights, charts.Biases)
    ]
