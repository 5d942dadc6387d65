"""matrix: which digits are taken for which, a cell's digits, and those that change most."""

import numpy as np
import pytest
import toy
from boards import look, painted, words_in

from dashboard.panels import matrix, mosaics
from dashboard.run.answers import confusion, worst_pairs
from dashboard.run.look import Look


@pytest.fixture(scope="module")
def run():
    return toy.finished(100)


def test_the_matrix_has_every_number_and_the_worst_are_named(run):
    words = words_in(painted(run, "m"))
    counts = confusion(run.newest.test.answers)
    assert {f"{n}" for n in counts[counts > 0]} <= set(words)
    for right, given in worst_pairs(counts):
        assert any(f"{right} as {given} ({counts[right, given]})" in text for text in words)


def test_a_click_chooses_a_cell(run):
    panel = painted(run, "m").panels[matrix.Confusion]
    assert panel.press(5.5, 3.5, 1, run, Look("m")).cell == (3, 5)
    for x, y in (10.5, 3), (5, -0.5), (5, 10.5):  # zoomed out, there are places beside the cells
        assert panel.press(x, y, 1, run, Look("m", cell=(3, 5))).cell == (3, 5)


def test_v_shows_the_digits_whose_answers_change_and_again_the_cell(run):
    board = painted(run, "m")
    panel = board.panels[matrix.Cell]
    right, given = board.look.cell_of(run.newest.test)
    assert panel.heading.get_text().startswith(f"{right} read as {given}: ")
    board.look = panel.take_key("v", run, board.look)
    board.draw_changes()
    given = np.array([test.answers.given for test in run.tests()])
    changed = (given != given[0]).any(axis=0).sum()
    assert panel.heading.get_text() == f"{changed:,} have changed their answers: most often first"
    look(board, moment=run.moments[0])
    assert panel.heading.get_text() == f"{changed:,} have changed their answers: most often first", (
        "as always"
    )
    assert not panel.take_key("v", run, board.look).shows_changeable


def test_a_click_in_a_cell_opens_the_life_of_a_digit(run):
    panel = painted(run, "m").panels[matrix.Cell]
    opened = panel.press(1.5, 0.5, 1, run, Look("m"))
    assert opened.view == "i" and opened.digit.test is run.newest.test
    cell = Look().cell_of(run.newest.test)
    assert (opened.digit.right, run.newest.test.answers.given[opened.digit.index]) == cell


def test_digits_that_differ_from_test_to_test_have_no_changes():
    run, Y_ = toy.run(10)[0], np.eye(10)
    for i in range(3):
        toy.show(run, toy.test_update(i, np.full([10, 784], i / 2), Y_, np.roll(Y_, i, axis=1), 1.0))
    board = painted(run, "m", shows_changeable=True)
    assert mosaics.OTHER_DIGITS in words_in(board)
    look(board, moment=run.moments[0])
    assert mosaics.OTHER_DIGITS in words_in(board)
    look(board, shows_changeable=False, cell=(3, 3))
    assert "3 read as 3: 1 of 1" in words_in(board) and not board.errors.seen
