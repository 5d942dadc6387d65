"""style: a dashboard looks the same whatever a reader's matplotlibrc says, and whatever names there are."""

import warnings

import matplotlib
import numpy as np
import pytest
import toy
from boards import look, painted, picture_of
from PIL import Image

import startup
from dashboard.panels import style
from dashboard.run.text import Earlier

CURVE = np.array([[0, 0.5, 100], [30, 0.7, 90]])
READERS = {
    "image.origin": "lower", "image.interpolation": "bilinear", "axes.grid": True, "axes.facecolor": "yellow",
    "axes.linewidth": 5, "axes.prop_cycle": "cycler('color', ['k'])", "figure.autolayout": True,
    "figure.facecolor": "black", "font.size": 30, "font.family": "monospace", "lines.linewidth": 9,
    "lines.antialiased": False, "lines.linestyle": "--", "patch.edgecolor": "red",
    "patch.force_edgecolor": True, "savefig.dpi": 300, "savefig.bbox": "tight",
    "savefig.facecolor": "red", "savefig.transparent": True, "text.color": "white", "text.usetex": True,
    "xtick.top": True, "xtick.color": "white", "path.sketch": (1, 100, 2),
}  # fmt: skip


def picture(path, **options):
    toy.lesson(40, 0, save_image=path, **options)
    return np.asarray(Image.open(path))


@pytest.mark.parametrize("view", ["0", "m"])
def test_a_readers_own_settings_change_no_pixel(tmp_path, view):
    before = picture(tmp_path / "a.png", view=view)
    with matplotlib.rc_context():
        matplotlib.style.use("dark_background")
        matplotlib.rcParams.update(READERS)
        after = picture(tmp_path / "b.png", view=view)
        assert matplotlib.rcParams["font.size"] == 30, "they are the reader's again"
    assert before.shape == after.shape and (before == after).all()


def drawn_later(readers):
    """Curves, layers' curves and bars of a run that begins when a notebook's cell is done."""
    pictures = []
    run, updates = toy.run(40)
    with matplotlib.rc_context():
        board = painted(run, networks={"": lambda X: np.full((len(X), 10), 0.1)})
        matplotlib.rcParams.update(readers)
        # matplotlib itself makes grid lines while it draws, with these two
        matplotlib.rcParams.update({"path.sketch": None, "lines.antialiased": True})
        run.earlier = (Earlier("earlier", CURVE, CURVE),)
        toy.show(run, *updates)
        run.gradients = run.steps
        for view in "7", "g", "d":
            look(board, view=view)
            pictures.append(picture_of(board))
    assert not board.errors.seen
    return pictures


def test_a_readers_own_settings_change_nothing_that_is_drawn_later():
    for before, after in zip(drawn_later({}), drawn_later(READERS)):
        assert (before == after).all()


@pytest.mark.parametrize("program, earlier, fonts", [
    ("my_$1_and_$2", "$x_$", style.HAN_FONTS), ("我的课程", "数字曲线", style.HAN_FONTS),
    ("我的课程", "数字曲线", ()),
], ids=["dollars", "Han", "Han without a font"])  # fmt: skip
def test_names_may_have_any_letters(tmp_path, monkeypatch, capsys, caplog, program, earlier, fonts):
    """Dollars are no formula, and a letter that no font has is no warning."""
    monkeypatch.setattr(style, "HAN_FONTS", fonts)
    monkeypatch.setattr(startup, "program_name", lambda: program)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with_names = picture(tmp_path / "a.png", view="7", compare=[Earlier(earlier, CURVE, CURVE)])
    assert capsys.readouterr().err == "" and not caplog.records
    monkeypatch.setattr(startup, "program_name", lambda: "")
    without = picture(tmp_path / "b.png", view="7", compare=[Earlier("", CURVE, CURVE)])
    for where in slice(0, 30), slice(30, None):
        assert (with_names[where] != without[where]).any(), "they are written"
