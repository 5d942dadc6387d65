"""look: where the learner looks: back in time, at a digit and those beside it, at a cell."""

import numpy as np
import toy
from boards import look, painted, picture_of

from dashboard.panels import charts
from dashboard.run.answers import wrong_first
from dashboard.run.look import Chosen, Look
from dashboard.run.run import Run
from dashboard.run.updates import Moment


def test_a_moment_looks_as_it_did():
    run, made = toy.run(60)
    pad = Look().pad.written((0.2, 0.2), (0.8, 0.8))  # or the pad would show a digit of each test
    boards, pictures = {view: painted(run, view, pad=pad) for view in "36wm"}, []
    for k in range(0, len(made), 2):
        toy.show(run, *made[k : k + 2])
        for board in boards.values():
            board.draw_changes()
        pictures.append({view: picture_of(board)[40:] for view, board in boards.items()})  # below the header
    for k in 0, 4, 2:
        for view, board in boards.items():
            look(board, moment=run.moments[k])
            assert (picture_of(board)[40:] == pictures[k][view]).all(), (k, view)


def test_charts_keep_their_curves_and_mark_the_moment():
    run = toy.finished(100)
    board = painted(run, "7")
    before = picture_of(board)
    look(board, moment=run.moments[3])
    assert "iteration 30" in board.header.title(run, board.look)
    accuracy = run.moments[3].test.answers.accuracy
    assert f"test {100 * accuracy:.4g} %" == board.panels[charts.Accuracy].ends[1].get_text()
    assert 0.001 < (picture_of(board) != before).mean() < 0.1
    look(board, moment=None)
    assert (picture_of(board) == before).all()


def test_steps_end_at_both_ends():
    run = Run(30)
    nowhere = Look()
    assert nowhere.step(run, -1) is nowhere.first(run) is nowhere.newest() is nowhere
    for i in 10, 20, 30:
        run.append(Moment(i))
    newest = Look("m")
    assert newest.step(run, 1) is newest
    before = newest.step(run, -1)
    assert before.moment is run.moments[1] and before.view == "m"
    first = before.step(run, -1)
    assert first.moment is run.moments[0] and first.step(run, -1) is first
    assert newest.first(run) == first and first.newest() == newest
    assert before.step(run, 1).moment is None, "at the newest, the learner follows the training"


def test_a_moment_that_has_thinned_out_is_stepped_from():
    """While the learner looks at it, the training may go on."""
    run = Run(30)
    for i in 10, 20, 30:
        run.append(Moment(i))
    there = Look(moment=run.moments[1])
    del run.moments[1]
    assert there.at(run).iteration == 20 and there.step(run, -1).moment is run.moments[0]


def test_the_digits_beside_a_digit():
    digits = wrong_first(toy.finished(10).newest.test.answers, 5)
    first = Chosen(digits, 0, None)
    assert first.index == digits.indices[0] and (first.image == digits.images[0]).all()
    assert first.sibling(1).index == digits.indices[1]
    assert first.sibling(1).sibling(-2).index == digits.indices[-1], "they are a ring"


def test_the_cell_is_the_worst_until_one_is_clicked():
    Y_ = np.eye(10)[[1, 1, 2, 3]]
    test = toy.test_update(0, np.ones([4, 784]), Y_, np.eye(10)[[7, 7, 4, 3]], 1.0)
    assert Look().cell_of(test) == (1, 7)
    assert Look(cell=(3, 5)).cell_of(test) == (3, 5)
    right = toy.test_update(0, np.ones([4, 784]), Y_, Y_, 1.0)
    assert Look().cell_of(right) == Look().cell_of(None) == (0, 0), "none is wrong, or none was tested"
