"""curves: a run's numbers as CSV, and earlier runs behind this one."""

import re

import numpy as np
import pytest
import toy as toys
from boards import painted, picture_of

import tensorflowvisu
from dashboard import charts, curves, record
from dashboard.training import Result, schedule


def made(points=3):
    run = curves.Curves()
    for k in range(points):
        run.add_training(20 * k, 0.5 + k / 10, 100 - k, 0.003)
        run.add_test(100 * k, 0.4 + k / 10, 90 - k)
    return run


def test_what_was_saved_is_read_again(tmp_path):
    made().save(tmp_path / "a name.csv")
    name, training, test = curves.read(tmp_path / "a name.csv")
    assert name == "a name"
    assert training.tolist() == [[0, 0.5, 100], [20, 0.6, 99], [40, 0.7, 98]]
    assert test.tolist() == [[0, 0.4, 90], [100, 0.5, 89], [200, 0.6, 88]]


def test_the_columns(tmp_path):
    made().save(tmp_path / "a.csv")
    first, second, *_ = (tmp_path / "a.csv").read_text().splitlines()
    assert first == "iteration,training accuracy,training loss,test accuracy,test loss,learning rate"
    assert second == "0,0.5,100,0.4,90,0.003"


@pytest.mark.parametrize("content", [
    b"", b"\x00\xff", b"a,b\n1,2\n", b"iteration\n1\n", ",".join(curves.COLUMNS).encode(),
    ",".join(curves.COLUMNS).encode() + b"\n1,2\n", ",".join(curves.COLUMNS).encode() + b"\n2,,,,,\n1,,,,,\n",
    ",".join(curves.COLUMNS).encode() + b"\nx,,,,,\n", b"\"" * 200_000,
])  # fmt: skip
def test_another_file_is_refused(tmp_path, content):
    (tmp_path / "other.csv").write_bytes(content)
    with pytest.raises(ValueError, match="not a file that --save-curves has made"):
        curves.read(tmp_path / "other.csv")


def test_a_run_that_is_ended_early_keeps_its_curves(toy, tmp_path):
    code = "import os, signal\nlesson(1_000_000, text=True, save_curves=Path('a.csv'))"
    run = toy(f"from pathlib import Path\n{code}")
    toys_lines = re.compile(r"^100: ", re.MULTILINE)
    from processes import wait_for

    wait_for(lambda: toys_lines.search(run.text()), "iteration 100")
    run.terminate()
    assert run.wait(10) == 143
    _, training, test = curves.read(tmp_path / "a.csv")
    assert len(training) > 5 and len(test) > 1


def test_earlier_curves_are_drawn_behind(tmp_path):
    made().save(tmp_path / "earlier.csv")
    earlier = [curves.read(tmp_path / "earlier.csv")]
    pictures = []
    for behind in [], earlier:
        run, updates = toys.run(100)
        run.earlier = behind
        for update in updates:
            run.add(update)
        pictures.append(picture_of(painted(run, "7")))
    assert (pictures[0] != pictures[1]).any()
    grey = (pictures[1] == (0x8A, 0x8A, 0x8A, 255)).all(axis=2)
    assert grey[:, :672].sum() > 100 and grey[:, 672:].sum() > 100, "in both charts"


def test_the_mouse_tells_the_values_there():
    run, updates = toys.run(100)
    for update in updates:
        run.add(update)
    board = painted(run, "7")
    chart = board.panels[charts.Accuracy]
    assert chart.hover(52, 0.5)
    words = chart.pointed.get_text()
    at = run.train.x.tolist().index(50)
    assert f"training {run.train.y[at, 0]:.4f} at 50" in words and "test" in words
    chart.leave()
    assert not chart.pointed.get_visible()


def test_nearest():
    from dashboard.measures import nearest

    x = np.array([0, 10, 20])
    assert [nearest(x, value) for value in (-5, 4, 6, 15.1, 99)] == [0, 0, 1, 2, 2]


def test_the_rate_that_was_turned_is_marked():
    run, updates = toys.run(100)
    for update in updates:
        run.take(Result(update.i + 10, [update]))
    before = picture_of(painted(run, "7"))
    run.turns[50] = 8.0
    board = painted(run, "7")
    assert (picture_of(board) != before).any()
    assert [mark.get_text() for mark in board.panels[charts.Loss].marks.values()] == ["×8"]


def test_a_mark_stands_where_the_training_took_the_turn():
    """A result may have waited in the queue when the learner turned the rate."""
    run = record.Record(100)
    for i, factor in (10, 1.0), (20, 1.0), (30, 4.0), (40, 4.0), (50, 1.0):
        run.take(Result(i, [], factor))
    assert run.turns == {20: 4.0, 40: 1.0}


def test_a_result_carries_the_factor_of_its_steps():
    variable = toys.Variable(1.0)
    datavis = tensorflowvisu.MnistDataVis(throttle=variable)
    used = []

    def step(i, n, update_test_data, update_train_data):
        used.append(variable.value)

    results = datavis.train(step, schedule(40, 10, 10))
    factors = [next(results).factor]
    datavis.handles.rate.turn(8)
    factors += [result.factor for result in results]
    assert factors == used == [1, 8, 8, 8, 8]


def test_lost_to_nan():
    run = record.Record(10)
    assert not run.is_lost()
    run.train.add(0, 0.1, np.nan)
    assert run.is_lost()
