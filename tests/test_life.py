"""life: what a digit was taken for, test after test."""

import numpy as np
import toy
from boards import chosen, look, painted, words_in

from dashboard.panels import life, mosaics
from dashboard.run.answers import wrong_first
from dashboard.run.look import Chosen, Look


def test_the_life_of_a_test_digit():
    run = toy.finished(100)
    digit = chosen(run.newest.test)
    panel = painted(run, "i", digit=digit).panels[life.Life]
    life_of_it = [(test.i, test.answers.given[digit.index]) for test in run.tests()]
    assert list(map(tuple, panel.line.get_xydata())) == panel.life(run, digit) == life_of_it
    assert not len(panel.right.get_xydata()), "a wrong one comes first"


def test_up_and_down_are_the_digits_beside_it():
    run = toy.finished(10)
    panel = painted(run, "i").panels[life.Digit]
    first = Look("i", digit=chosen(run.newest.test))
    assert panel.take_key("down", run, first).digit.k == 1 and panel.take_key("up", run, first).digit.k == 9
    assert panel.take_key("down", run, Look("i")).digit is None, "none was clicked"


def test_a_training_digit_is_asked_about_from_its_click_on():
    """No test tells what it was taken for."""
    run, made = toy.run(40)
    toy.show(run, *made[:2])
    digit, answer = Chosen(wrong_first(run.newest.test.answers, 5), 0, None), [3]
    board = painted(run, "i", {"": lambda X: np.eye(10)[answer * len(X)]}, digit=digit)
    answer[0] = 5
    toy.show(run, made[2], iteration=20)
    board.draw_changes()
    board.draw_changes()
    assert board.panels[life.Life].life(run, digit) == [(0, 3), (20, 5)]


def test_digits_that_differ_from_test_to_test_have_no_life():
    run, Y_ = toy.run(10)[0], np.eye(10)
    for i in range(3):
        toy.show(run, toy.test_update(i, np.full([10, 784], i / 2), Y_, np.roll(Y_, i, axis=1), 1.0))
    first = chosen(run.newest.test)
    board = painted(run, "i", digit=first)
    assert board.panels[life.Life].life(run, first) == [(2, 2)]
    assert mosaics.OTHER_DIGITS not in words_in(board)
    toy.show(run, toy.test_update(3, np.full([10, 784], 0.7), Y_, Y_, 1.0))
    board.draw_changes()
    assert mosaics.OTHER_DIGITS in words_in(board), "those of its test are gone"
    look(board, digit=None)
    assert mosaics.OTHER_DIGITS not in words_in(board)


def test_learned_and_forgotten():
    assert life.changes([0, 20, 40, 60], [False, True, True, False]) == "learned at 20 · forgotten at 60"
    assert life.changes([0, 20], [False, False]) == "never right so far"
    many = life.changes(range(0, 2000, 100), [k % 2 == 1 for k in range(20)])
    assert many.startswith("learned at 100 · ... ") and many.endswith("learned at 1,900")


def test_the_life_of_a_letter_stays_in_its_chart():
    """Another number of classes than ten."""
    run, Y_ = toy.run(10)[0], np.eye(26)
    toy.show(run, toy.test_update(0, np.ones([26, 28, 28, 1]), Y_, Y_, 1.0))
    axes = painted(run, "i").panels[life.Life].axes
    assert axes.get_ylim() == (-0.5, 25.5) and all(tick == round(tick) for tick in axes.get_yticks())


def test_every_answer_has_a_line_in_the_life_of_a_digit():
    ticks = painted(toy.run(10)[0], "i").panels[life.Life].axes.get_yticks()
    assert set(range(10)) <= set(ticks)
