"""mosaics: the digits of the training and of the test, wrong ones first."""

import dataclasses

import numpy as np
import pytest
import toy
from boards import look, painted, picture_of, places_in, words_in
from screens import WRONG, count, part

from dashboard.panels import mosaics
from dashboard.run.look import Look

TAUGHT = 230, 159, 0  # the color of their frame


@pytest.fixture(scope="module")
def run():
    return toy.finished(100)


def test_the_tint_ends_at_the_accuracy(run):
    board = painted(run, "6")
    grid = board.panels[mosaics.TestDigits].grid(run, board.look)
    (place,) = places_in(board.view, {mosaics.TestDigits: grid}).values()
    rows = np.array_split(part(picture_of(board), place), grid[1])
    tinted = sum(count(row[..., :3], WRONG) > 0 for row in rows)
    assert tinted / grid[1] == pytest.approx(1 - run.test.y[-1, 0], abs=1 / grid[1])


def test_the_wrong_ones_are_counted_beside_the_title(run):
    board = painted(run, "9")
    for panel, found in (mosaics.TestDigits, run.newest.test.answers), (
        mosaics.TrainingDigits, run.newest.train.snapshot.digits,
    ):  # fmt: skip
        wrong, total = (found.right != found.given).sum(), len(found.right)
        assert board.panels[panel].aside.get_text() == f"{wrong} of {total:,} wrong"


@pytest.mark.parametrize("panel, view", [(mosaics.TrainingDigits, "3"), (mosaics.TestDigits, "6")])
def test_a_click_opens_the_life_of_a_digit(run, panel, view):
    panel = painted(run, view).panels[panel]
    columns, *_ = panel.grid(run, Look())
    opened = panel.press(2.5, 1.5, 1, run, Look(view))
    digits = panel.digits(run, Look(), 1000)
    assert opened.view == "i" and opened.digit.index == digits.indices[columns + 2]
    assert (opened.digit.image == digits.images[columns + 2]).all()
    assert (opened.digit.test is run.newest.test) == (view == "6")
    nowhere = Look(view)
    assert panel.press(2.5, -0.5, 1, run, nowhere) is panel.press(2.5, 500, 1, run, nowhere) is nowhere


def test_taught_digits_have_a_frame_in_their_own_batch():
    run, (_, train, *_) = toy.run(10)
    digits = train.snapshot.stored._replace(taught=4)
    toy.show(run, dataclasses.replace(train, snapshot=dataclasses.replace(train.snapshot, stored=digits)))
    board = painted(run, "3")
    assert count(picture_of(board)[..., :3], TAUGHT) > 100
    toy.show(run, train)
    board.draw_changes()
    assert not count(picture_of(board)[..., :3], TAUGHT), "another batch has none"


def test_test_digits_that_are_not_kept_are_missed_in_words():
    """Of tests on other digits each time, the images of the newest are kept."""
    run, Y_ = toy.run(10)[0], np.eye(10)
    for i in range(3):
        toy.show(run, toy.test_update(i, np.full([10, 784], i / 2), Y_, Y_, 1.0))
    board = painted(run, "6")
    assert mosaics.OTHER_DIGITS not in words_in(board)
    look(board, moment=run.moments[0])
    assert mosaics.OTHER_DIGITS in words_in(board)
    look(board, moment=None)
    assert mosaics.OTHER_DIGITS not in words_in(board) and not board.errors.seen
