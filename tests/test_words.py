"""The words of the picture: none covers another, none leaves the picture, at any size, in any letters."""

import itertools

import matplotlib
import numpy as np
import pytest
import toy
from boards import chosen, look, painted, played
from matplotlib.text import Text

from dashboard.panels import charts, style, views
from dashboard.run.handles import Handles
from dashboard.run.look import Look
from dashboard.run.text import Earlier

SIZES = (800, 450), (1344, 756), (1920, 1080), (3840, 2160)
CURVE = np.array([[0, 0.5, 100], [10_000, 0.7, 90]])
TOUCHING = 1  # pixels by which boxes of words may overlap, which are larger than their ink


@pytest.fixture(scope="module")
def run():
    """Of more digits than four figures, with earlier runs of long names."""
    network = toy.Network()
    run, _ = toy.run(10_000)
    X, Y_, Y, _ = network.answers(0, toy.TESTED)
    many = [np.concatenate([part] * 10) for part in (X[:, ::4, ::4], Y_, Y)]
    test = train = None
    for i in range(0, 9000, 1000):
        x, y_, y, loss = network.answers(i, 100)
        train = toy.train_update(i, x[:, ::4, ::4], y_, y, loss, *network.variables(), before=train)
        many[2] = np.roll(many[2], i // 1000, axis=1)  # learned and forgotten
        test = toy.test_update(i, *many, 12.3, test)
        toy.show(run, test, train, iteration=i + 10)
    run.earlier = [Earlier(f"a run of a long name {k}", CURVE, CURVE) for k in range(3)]
    run.turns[3000] = 8.0
    return run


@pytest.fixture(
    params=[style.FONTS, pytest.param(("DejaVu Sans",), marks=pytest.mark.slow)],
    ids=["usual letters", "wider letters"],
)
def fonts(request, monkeypatch):
    monkeypatch.setattr(style, "FONTS", request.param)


def five_layers(X):
    ink = X.reshape(len(X), -1)
    return [*(np.repeat(ink[:, :1], n, axis=1) for n in (200, 100, 60, 30)), np.full((len(X), 10), 0.1)]


def words_around(panel):
    """Its texts that stand outside of its axes."""
    yield from (panel.badge, panel.heading, panel.aside, panel.note)
    yield from getattr(panel, "ends", ())
    if isinstance(panel, charts.Chart):
        yield from panel.labels
    for numbers in panel.numbers.values():
        yield from numbers


@pytest.mark.parametrize("size", SIZES)
def test_words_cover_no_others_and_stay_in_the_picture(run, fonts, size):
    one = played(run, handles=Handles({"": five_layers}), size=size)
    board, renderer = one.painter, one.screen.canvas.get_renderer()
    board.header.name, board.header.told = "Lesson 2.2", "dropout, against overfitting"
    board.header.speed, board.header.status = "1,234 iterations/s", "paused, rate ×0.5"
    written = Look().pad.written((0.2, 0.2), (0.7, 0.8))
    board.look = Look(digit=chosen(run.newest.test), neuron=(0, 1), pad=written)
    wrong = []
    for view in views.VIEWS:
        board.look = board.look._replace(view=view.keys[0])
        board.draw_changes()
        words = [(text, (0, 0, *size)) for text in board.header.parts.values()]
        words += [(text, place.cell) for panel, place in board.places.items() for text in words_around(panel)]
        boxes = []
        for text, (left, bottom, width, height) in words:
            if text.get_text() and text.get_visible():
                (x0, y0), (x1, y1) = text.get_window_extent(renderer).get_points()
                boxes.append((text.get_text(), x0, y0, x1, y1))
                if x0 < left or left + width < x1 or y0 < bottom or bottom + height < y1:
                    wrong.append(f"{view.keys[0]}: {text.get_text()!r} leaves its place")
        for (one, *a), (other, *b) in itertools.combinations(boxes, 2):
            if (np.minimum(a, b)[2:] - np.maximum(a, b)[:2]).min() > TOUCHING:
                wrong.append(f"{view.keys[0]}: {one!r} and {other!r}")
    assert not wrong and not board.errors.seen


def test_words_that_are_written_later_have_the_same_font(run):
    """A notebook's cell is done then, and the reader's own font and settings are back."""
    board = painted(run, networks={"": five_layers}, neuron=(0, 1))
    with matplotlib.rc_context({"text.usetex": True, "font.size": 30, "backend": "svg"}):
        for view in views.VIEWS:
            look(board, view=view.keys[0])
        assert matplotlib.rcParams["backend"] == "svg", "the reader's may be another one now"
    words = [text for text in board.figure.findobj(Text) if text.get_text() and text.get_visible()]
    assert len(words) > 200 and len({tuple(text.get_fontfamily()) for text in words}) == 1
    assert [str(text) for text in words if text.get_usetex() or text.get_parse_math()] == []
    assert not board.errors.seen
