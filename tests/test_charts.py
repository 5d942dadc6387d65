"""charts: curves of this run and of earlier ones, what the mouse tells, where the rate was turned."""

import numpy as np
import pytest
import toy
from boards import look, painted, picture_of, resize, words_in
from screens import count

from dashboard.panels import bands, charts, limits, pixels, style
from dashboard.run.text import Earlier

EARLIER = pixels.rgb(style.EARLIER[0])
CURVE = np.array([[0, 0.5, 100], [20, 0.6, 99], [100, 0.7, 98]])


@pytest.fixture(scope="module")
def run():
    return toy.finished(100)


def test_the_curves_end_with_their_names_and_values(run):
    words = words_in(painted(run, "7"))
    accuracy, loss = run.test.y[-1]
    assert f"test {100 * accuracy:.4g} %" in words and f"test {loss:.3g}" in words
    accuracy, loss, _ = (limits.smoothed(column, charts.SMOOTHED)[-1] for column in run.train.y.T)
    assert f"training {100 * accuracy:.4g} %" in words and f"training {loss:.3g}" in words


def test_names_stand_in_their_panel_also_of_a_longer_earlier_run_and_zoomed_in(run):
    longer = toy.finished(100)
    longer.earlier = [Earlier("longer", CURVE * [10, 1, 1], CURVE)]
    board = painted(longer, "7")
    chart = board.panels[charts.Accuracy]
    left, _, width, _ = board.places[chart].cell
    for zoomed in None, (3, 7):
        if zoomed:
            chart.axes.set_xlim(zoomed)
            board.stale.add(chart)
            board.draw_changes()
        for end in chart.ends:
            box = end.get_window_extent(board.canvas.get_renderer())
            assert left < box.x0 and box.x1 < left + width, end.get_text()


def test_the_test_curves_of_earlier_runs_are_behind(run):
    pictures = []
    for earlier in [], [Earlier("an earlier run", CURVE, CURVE)]:
        of_today = toy.finished(100)
        of_today.earlier = earlier
        board = painted(of_today, "7")
        pictures.append(picture_of(board))
    assert words_in(board).count("an earlier run") == 2, "at the ends of its curves"
    grey = np.array([count(half[..., :3], EARLIER) for half in np.split(pictures[1], 2, axis=1)])
    assert count(pictures[0][..., :3], EARLIER) < 20 and (grey > 100).all(), "in both charts"


@pytest.mark.parametrize("size", [(800, 450), (1344, 756)])
def test_names_at_the_ends_of_curves_do_not_collide(size):
    """Though all of them end at the same values."""
    run = toy.finished(100)
    same = np.array([[0, 0.5, 100], [100, *run.test.y[-1]]])
    run.earlier = [Earlier(f"run {k}, a long name", same, same) for k in range(4)]
    board = painted(run, "7")
    resize(board, *size)
    board.draw_changes()
    for chart in charts.Accuracy, charts.Loss:
        ends = [end for end in board.panels[chart].ends if end.get_text()]
        boxes = [end.get_window_extent(board.canvas.get_renderer()) for end in ends]
        assert len(boxes) == 6 and max(box.x1 for box in boxes) < size[0]
        boxes.sort(key=lambda box: box.y0)
        assert all(below.y1 < above.y0 + 1 for below, above in zip(boxes, boxes[1:]))


def test_each_batch_is_pale_behind_the_mean_of_many(run):
    pale, mean, _ = painted(run, "1").panels[charts.Accuracy].lines
    assert pale.get_ydata().tolist() == run.train.y[:, 0].tolist()
    assert mean.get_ydata().tolist() == limits.smoothed(run.train.y[:, 0], charts.SMOOTHED).tolist()
    assert pale.get_color() != mean.get_color()


def test_the_mouse_tells_the_values_there(run):
    board = painted(run, "7")
    chart = board.panels[charts.Accuracy]
    assert chart.hover(52, 0.5, run)
    words = chart.pointed.get_text()
    at = run.train.x.tolist().index(50)
    assert f"training {100 * run.train.y[at, 0]:.4g} % at 50" in words and "test" in words
    chart.leave()
    assert not chart.pointed.get_visible()


def test_the_rate_that_was_turned_is_marked():
    run, made = toy.run(100)
    for k, update in enumerate(made):
        toy.show(run, update, factor=8.0 if k > 5 else 1.0)
    (turned,) = run.turns
    board = painted(run, "7")
    chart = board.panels[charts.Loss]
    (mark,) = chart.labels
    assert mark.get_text() == "×8" and mark.get_position()[0] == chart.turned.get_xdata()[0] == turned


def test_marks_that_would_touch_are_told_once_by_the_last():
    run = toy.finished(100)
    run.turns |= {20: 2.0, 21: 4.0, 50: 1 / 64, 80: 2.0}
    chart = painted(run, "7").panels[charts.Loss]
    assert [mark.get_text() for mark in chart.labels] == ["×2", "×0.015625", "×4"]
    assert set(chart.turned.get_xdata()) == {20, 21, 50, 80}


def test_large_numbers_stand_at_the_axis_as_they_are():
    run = toy.finished(100)
    run.test.array[:, 2] = 3e7
    numbers = painted(run, "2").panels[charts.Loss].numbers["left"]
    assert "4e+07" in [number.get_text() for number in numbers]


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
    before = [board.panels[panel].axes.viewLim.extents.tolist() for panel in (bands.Weights, bands.Biases)]
    look(board, moment=run.moments[1])
    assert before == [
        board.panels[panel].axes.viewLim.extents.tolist() for panel in (bands.Weights, bands.Biases)
    ]
