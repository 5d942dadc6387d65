"""views: what each key shows, and where its panels go."""

import numpy as np
import pytest
import toy
from boards import PANELS, look, painted, picture_of
from screens import panels_in

from dashboard.panels import matrix, mosaics, views
from dashboard.run.look import Look

PANELS_IN = {  # curves, weights, biases, digits
    "1": "c", "2": "c", "3": "d", "4": "w", "5": "b", "6": "d", "7": "c", "8": "wb", "9": "d", "0": "cwbd",
}  # fmt: skip


@pytest.mark.parametrize("size", [(1344, 756), (1920, 1080), (1280, 720), (640, 480)])
@pytest.mark.parametrize("view", views.VIEWS, ids=lambda view: view.keys[0])
def test_panels_do_not_overlap(size, view):
    shapes = {
        mosaics.TrainingDigits: (10, 10), mosaics.TestDigits: (40, 25, 10_000), matrix.Confusion: (10, 10),
    }  # fmt: skip
    grids = {p: shapes.get(p, (1, 1)) for p in view.panels if issubclass(p, mosaics.Picture)}
    places = views.layout(*size, view, 12, lambda panel, shape: grids.get(panel))
    covered = np.zeros(size, int)
    for panel, ((x, y, w, h), (left, bottom, wide, high)) in places.items():
        covered[x : x + w, y : y + h] += 1
        assert x < left and left + wide < x + w and y < bottom and bottom + high < y + h
        if panel in grids:
            assert wide % grids[panel][0] == 0 and high % grids[panel][1] == 0
    assert covered.max() == 1 and set(places) == set(view.panels)


def test_every_key_shows_its_panels():
    board = painted(toy.finished(400))
    for key, panels in PANELS_IN.items():
        look(board, view=key)
        assert panels_in(picture_of(board)) == panels, key


def test_every_panel_has_a_view_and_the_six_have_their_numbers():
    numbers = [panel.key for panel in views.BY_KEY["0"].panels]
    assert numbers == list("123456")
    assert [views.BY_KEY[n].panels for n in numbers] == [(panel,) for panel in views.BY_KEY["0"].panels]


def test_a_panel_shows_what_there_is():
    """Another word would never be drawn again, and nobody would say so."""
    for panel in PANELS:
        assert panel.shows and panel.shows <= {"train", "test", *Look._fields}, panel
