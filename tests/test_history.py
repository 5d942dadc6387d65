"""history, life: back in time, and what became of a digit."""

import numpy as np
import pytest
import toy
from boards import painted, picture_of

from dashboard import history, life
from dashboard.training import Result


def results(iterations):
    """A record and the results that make it, as a run gives them."""
    run, updates = toy.run(iterations)
    by_iteration = {}
    for update in updates:
        by_iteration.setdefault(update.i, []).append(update)
    return run, [Result(min(i + toy.TRAIN_EVERY, iterations), found) for i, found in by_iteration.items()]


@pytest.mark.parametrize("view", ["3", "6", "w", "m"])
def test_a_moment_looks_as_it_did(view):
    run, parts = results(100)
    run.write((0.2, 0.2), (0.8, 0.8))  # or the pad would show a digit of each test
    board, pictures = painted(run, view), []
    for part in parts:
        run.take(part)
        board.draw_changes()
        pictures.append(picture_of(board))
    for position in 0, 5, 2, len(parts) - 1:
        assert run.look_at(position)
        board.draw_changes()
        now, then = picture_of(board).astype(int), pictures[position].astype(int)
        now[:40] = then[:40]  # the header
        assert abs(now - then).max() <= 2, "training digits are kept in 256 shades"


def test_charts_keep_their_curves_and_mark_the_moment():
    run, parts = results(100)
    for part in parts:
        run.take(part)
    board = painted(run, "7")
    before = picture_of(board)
    run.look_at(3)
    board.draw_changes()
    assert run.iteration == 30 and "iteration 30" in board.header.title()
    assert 0.001 < (picture_of(board) != before).mean() < 0.1
    assert run.look_at(len(parts) - 1)
    board.draw_changes()
    assert (picture_of(board) == before).all()


def test_steps_end_at_both_ends():
    run, parts = results(30)
    assert not run.step(-1) and not run.go_to_newest()
    for part in parts:
        run.take(part)
    assert not run.step(1)
    assert run.step(-1) and run.step(-1) and run.step(-1) and run.iteration == 0
    assert not run.step(-1)
    run.take(Result(40, []))
    assert run.iteration == 40 and not run.history.is_past, "an update shows the newest moment"


def test_memory_is_bounded_and_older_moments_are_coarser(monkeypatch):
    monkeypatch.setattr(history, "MOST_MOMENTS", 40)
    moments = history.History()
    for i in range(1000):
        moments.add(i, None, None)
    iterations = [moment.iteration for moment in moments.moments]
    assert len(iterations) <= 40 and iterations[0] == 0
    assert iterations[-20:] == list(range(980, 1000))
    assert max(np.diff(iterations)[:10]) > 50


def test_the_life_of_a_test_digit():
    run, parts = results(100)
    for part in parts:
        run.take(part)
    tests = [update for part in parts for update in part.updates if hasattr(update, "answers")]
    run.select(run.last_test.digits, 0, is_test=True)
    number = run.last_test.digits.numbers[0]
    i, given = run.life()
    assert i.tolist() == [test.i for test in tests]
    assert given.tolist() == [test.answers.given[number] for test in tests]
    run.select_sibling(1)
    assert run.selected.number == run.last_test.digits.numbers[1]
    run.select_sibling(-2)
    assert run.selected.number == run.last_test.digits.numbers[-1]


def test_learned_and_forgotten():
    assert life.changes([0, 20, 40, 60], [False, True, True, False]) == "learned at 20 · forgotten at 60"
    assert life.changes([0, 20], [False, False]) == "never right so far"
    many = life.changes(range(0, 2000, 100), [k % 2 == 1 for k in range(20)])
    assert many.startswith("learned at 100 · ... ") and many.endswith("learned at 1,900")


def test_the_digits_that_change_most_come_first():
    run, parts = results(100)
    for part in parts:
        run.take(part)
    given = np.array([t.answers.given for t in run.history.tests()])
    changes = (given[1:] != given[:-1]).sum(axis=0)
    digits = run.changeable_digits(5)
    assert changes[digits.numbers].tolist() == sorted(changes)[::-1][:5]


def test_going_back_keeps_no_pictures_of_every_test():
    run, parts = results(100)
    for part in parts:
        run.take(part)
    board = painted(run, "6")
    while run.step(-1):
        board.draw_changes()
    assert not any("digits" in vars(test) for test in run.history.tests())


def test_test_digits_are_kept_once():
    """A learner's own program may make a new array for each test."""
    X, Y_ = np.ones([20, 28, 28, 1]), np.eye(10)[[3] * 20]
    run, _ = results(10)
    for i in range(3):
        run.take(Result(i, [toy.test_update(i, X.copy(), Y_, Y_, 1.0)]))
    assert len({id(test.answers.X) for test in run.history.tests()}) == 1


def test_the_number_of_test_digits_may_change():
    run, _ = results(10)
    for i, n in enumerate([20, 30, 30]):
        Y_ = np.eye(10)[[3] * n]
        run.take(Result(i, [toy.test_update(i, np.ones([n, 28, 28, 1]), Y_, np.roll(Y_, i, axis=1), 1.0)]))
    run.select(run.last_test.digits, 25, is_test=True)
    assert run.life()[0].tolist() == [1, 2]
    assert len(run.changeable_digits(50).images) == 30


def test_the_life_of_a_letter_stays_in_its_chart():
    """Another number of classes than ten."""
    run, _ = results(10)
    Y_ = np.eye(26)[np.arange(26)]
    run.take(Result(10, [toy.test_update(0, np.ones([26, 28, 28, 1]), Y_, Y_, 1.0)]))
    run.select(run.last_test.digits, 25, is_test=True)
    axes = painted(run, "i").panels[life.Life].axes
    assert axes.get_ylim() == (-0.5, 25.5) and all(tick == round(tick) for tick in axes.get_yticks())


def test_every_answer_has_a_line_in_the_life_of_a_digit():
    run, _ = results(10)
    ticks = painted(run, "i").panels[life.Life].axes.get_yticks()
    assert set(range(10)) <= set(ticks)
