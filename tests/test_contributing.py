"""CONTRIBUTING.md: its example of a panel works as it stands there."""

import re
import textwrap
from types import SimpleNamespace

import numpy as np
import pytest
import toy
from boards import painted, words_in
from processes import ROOT

from dashboard.panels import views
from dashboard.run.run import Run

PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
EXAMPLE = textwrap.dedent(re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)[1])
ENTRY = re.search(r"`(View\(.*\)),`", PAGE)[1]


@pytest.mark.parametrize("classes", [3, 10, 26])
def test_the_panel_of_the_example_shows_each_digits_accuracy(monkeypatch, classes):
    names = {}
    exec(EXAMPLE, names)
    each_digit = SimpleNamespace(**names)
    view = eval(ENTRY, {"View": views.View, "each_digit": each_digit})
    assert not {*view.keys} & {*views.BY_KEY}
    monkeypatch.setitem(views.BY_KEY, "e", view)
    X, Y_ = np.ones([60, 28, 28, 1], np.float32), np.eye(classes)[np.arange(60) % classes]
    Y = np.where(np.arange(60)[:, None] % classes == 1, np.roll(Y_, 1, axis=1), Y_)  # no 1 is recognised
    run = Run()
    toy.show(run, toy.test_update(0, X, Y_, Y, 1.0))
    board = painted(run, "e")
    bars = board.panels[each_digit.EachDigit].bars
    assert [bar.get_height() for bar in bars[:3]] == [100, 0, 100]
    assert f"together {100 * run.newest.test.accuracy:.2f} %" in words_in(board) and not board.errors.seen
