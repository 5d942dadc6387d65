"""key_list: the list of keys, over everything else."""

import pytest
import toy
from boards import painted, picture_of, resize


@pytest.fixture
def board():
    return painted(toy.run(10)[0])


def test_it_is_shown_and_hidden(board):
    before = picture_of(board)
    board.keys.show(not board.keys.is_shown)
    board.show_all()
    with_list = picture_of(board)
    assert (with_list != before).any()
    board.show_all()
    assert (picture_of(board) == with_list).all(), "drawn from its pixels"
    board.keys.show(not board.keys.is_shown)
    board.show_all()
    assert (picture_of(board) == before).all()


def test_it_is_there_at_once_when_it_is_asked_for(board, monkeypatch):
    before = picture_of(board)
    board.draw_ahead()
    assert (picture_of(board) == before).all()

    def fail(*args):
        raise AssertionError("the list is drawn again")

    monkeypatch.setattr(board.keys.columns[0][0], "draw", fail)
    board.keys.show(not board.keys.is_shown)
    board.show_all()
    assert (picture_of(board) != before).any() and not board.errors.seen


@pytest.mark.parametrize("size", [(1344, 756), (800, 450), (1920, 1080), (500, 900)])
def test_it_fits_its_window(board, size):
    board.keys.show(not board.keys.is_shown)
    resize(board, *size)
    board.show_all()
    box = board.keys.box.get_window_extent()
    assert min(box.min) >= 0 and box.x1 <= size[0] and box.y1 <= size[1]
