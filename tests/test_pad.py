"""pad: writing with the mouse, clearing, and teaching the network one's own digit."""

import numpy as np
import pytest
import toy
from boards import look, painted

import mnistdata
from dashboard.panels import pad
from dashboard.run.look import Look


@pytest.fixture
def run():
    return toy.run(10)[0]


@pytest.fixture
def train_set():
    return mnistdata.DataSet(np.zeros([20, 28, 28], np.uint8), np.arange(20) % 10, seed=0)


@pytest.fixture
def board(run):
    return painted(run, "d")


def test_the_mouse_writes_and_its_right_button_clears(run, board):
    panel = board.panels[pad.Pad]
    written = panel.drag(0.8, 0.5, run, panel.press(0.2, 0.5, 1, run, Look("d")))
    assert written.pad.ink[140, 70:210].all() and not written.pad.ink[:120].any()
    assert not panel.press(0.5, 0.5, 3, run, written).pad.ink.any()
    assert panel.drag(0.9, 0.9, run, written) is written, "another button is pressed"


def test_keys_clear_and_centre(run, board):
    panel = board.panels[pad.Pad]
    written = Look("d", pad=Look().pad.written((0.2, 0.2), (0.7, 0.8)))
    assert not panel.take_key("backspace", run, written).pad.ink.any()
    assert panel.take_key("c", run, written).pad.centring is False


@pytest.mark.parametrize("shape", [(28, 28, 1), (8, 8, 1)])
def test_a_digit_is_taught_as_the_network_gets_it(run, board, train_set, shape, capsys):
    """And that needs shift on French keyboards."""
    run.expected = shape, 10
    panel, taught = board.panels[pad.Pad], []
    board.handles.train_set = train_set
    train_set.teach = lambda image, digit: taught.append((image, digit))
    asked = Look("d", pad=Look().pad.written((0.2, 0.2), (0.7, 0.8)))
    for name in "t", "shift", "7":
        asked = panel.take_key(name, run, asked) or asked
    ((image, digit),) = taught
    assert digit == 7 and (image == asked.pad.network_input(None, *shape[:2])).all() and not asked.asks
    assert capsys.readouterr().out == "taught: 7\n"


def test_of_three_classes_no_others_are_taught(run, board, train_set):
    run.expected, board.handles.train_set = ((28, 28, 1), 3), train_set
    panel, asked = board.panels[pad.Pad], Look("d", asks=True)
    assert "0 ... 2," in panel.hint(run, asked) and pad.answer_keys(run) == ("0", "1", "2")
    assert panel.take_key("7", run, asked) == Look("d") and not train_set.taught
    assert panel.take_key("2", run, asked) == Look("d") and train_set.taught


def test_t_and_t_end_it(run, board, train_set):
    board.handles.train_set = train_set
    train_set.teach(np.ones([28, 28]), 7)
    panel = board.panels[pad.Pad]
    assert not panel.take_key("t", run, panel.take_key("t", run, Look("d"))).asks and not train_set.taught


def test_while_the_answer_is_asked_for_other_keys_only_end_that(run, board, train_set):
    """8 would be a view."""
    board.handles.train_set = train_set
    asked = board.panels[pad.Pad].take_key("t", run, Look("d"))
    assert board.panels[pad.Pad].take_key("m", run, asked) == Look("d") and not train_set.taught


def test_teaching_is_offered_where_something_can_be_taught(run, train_set):
    for given in None, train_set:
        board = painted(run, "d")
        board.handles.train_set = given
        look(board, pad=Look().pad.written((0.2, 0.2), (0.7, 0.8)))
        words = board.panels[pad.Pad].note.get_text()
        assert words.startswith("clear") and ("teach it" in words) == bool(given)
        assert board.panels[pad.Pad].take_key("t", run, board.look).asks == bool(given)
