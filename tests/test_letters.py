"""letters: numbers look as matplotlib draws them."""

import numpy as np
import pytest

from dashboard.panels import letters
from dashboard.screens import stage


def drawn(draw, words, **style):
    """A picture with these words in it, and its text."""
    figure = stage.file_figure()
    axes = figure.add_axes((0, 0, 1, 1))
    text = axes.annotate(words, (0.5, 0.5), (3, 2), "axes fraction", "offset pixels", animated=True, **style)
    figure.canvas.draw()
    before = np.asarray(figure.canvas.buffer_rgba()).astype(int)
    draw(text)
    return np.abs(np.asarray(figure.canvas.buffer_rgba()) - before).max(-1)


def by_ours(text):
    letters.draw([text])


def by_matplotlib(text):
    text.axes.draw_artist(text)


@pytest.mark.parametrize("ha", ["left", "center", "right"])
@pytest.mark.parametrize("va", ["baseline", "center", "top"])
@pytest.mark.parametrize("size, weight", [(8, "normal"), (12.7, "bold"), (23, "normal")])
def test_a_number_looks_as_matplotlib_draws_it(ha, va, size, weight):
    style = {"ha": ha, "va": va, "fontsize": size, "fontweight": weight, "color": "#d01c2a"}
    ours, theirs = drawn(by_ours, "10,987.65%", **style), drawn(by_matplotlib, "10,987.65%", **style)
    assert abs(ours.sum() / theirs.sum() - 1) < 0.05, "as much ink"
    for one, other in zip(np.nonzero(ours), np.nonzero(theirs)):
        assert abs(one.min() - other.min()) <= 3 and abs(one.max() - other.max()) <= 3, "at the same place"


@pytest.mark.parametrize("words", ["nan", "epoch 7", ""])
def test_other_words_are_matplotlibs(words):
    assert (drawn(by_ours, words) == drawn(by_matplotlib, words)).all()


def test_what_is_hidden_is_not_drawn():
    assert not drawn(by_ours, "123", visible=False).any()


def test_numbers_are_cut_off_where_their_axes_end():
    figure = stage.file_figure()
    axes = figure.add_axes((0, 0, 0.5, 1))
    text = axes.text(1, 0.5, "0000000000", transform=axes.transAxes, clip_on=True, animated=True)
    figure.canvas.draw()
    before = np.asarray(figure.canvas.buffer_rgba()).copy()
    letters.draw([text])
    assert (np.asarray(figure.canvas.buffer_rgba()) == before).all()
