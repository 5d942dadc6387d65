"""pictures: mosaics of digits, and tiles of numbers, dot by dot."""

import numpy as np
import pytest
from screens import BLUE, RED

from dashboard import pictures
from dashboard.measures import Digits

ONE = np.array([1])


def test_a_mosaic_shows_the_wrong_ones_on_red_with_both_answers():
    digits = Digits(np.zeros([3, 28, 28]), np.array([1, 2, 3]), np.array([7, 2, 3]), 3, np.arange(3))
    picture = pictures.mosaic(digits, 2, 2, 28)
    assert picture.shape == (56, 56, 4)
    assert picture[2, 2].tolist() == [*RED, 255]
    assert (picture[30:] == 255).all() and (picture[:, 30:] == 255).all()
    one = pictures.NUMERALS[1].repeat(2, 0).repeat(2, 1)
    seven = pictures.NUMERALS[7].repeat(2, 0).repeat(2, 1)
    assert ((picture[16:26, 1:7, 1] == 255) == one).all()
    assert ((picture[16:26, 20:26, 0] == 0) == seven).all()


@pytest.mark.parametrize("side", [14, 28])
def test_a_mosaic_keeps_the_ink(side):
    image = np.zeros([1, 28, 28], np.float32)
    image[0, 10:20, 10:20] = 1
    for images in image, (image * 255).astype(np.uint8), image * 255:  # the last: brighter than it may be
        picture = pictures.mosaic(Digits(images, ONE, ONE, 1, ONE), 1, 1, side)
        where = 10 * side // 28, 20 * side // 28
        assert (picture[slice(*where), slice(*where), :3] == 20).all()
        assert (picture[: where[0], :, :3] == 255).all()


def test_what_is_no_number_is_paper():
    images = np.full([1, 28, 28], np.nan)
    assert (pictures.mosaic(Digits(images, ONE, ONE, 1, ONE), 1, 1, 28) == 255).all()
    assert (pictures.tiles(images, 1, 1, 28)[5:20, 5:20] == 255).all()


def test_tiles_are_blue_below_zero_and_red_above():
    picture = pictures.tiles(np.array([-1.0, 0, 1])[:, None, None], 2, 2, 40)
    assert [picture[y, x].tolist()[:3] for y, x in ((20, 20), (20, 60), (60, 20), (60, 60))] == [
        list(BLUE), [255] * 3, list(RED), [255] * 3,
    ]  # fmt: skip


@pytest.mark.parametrize("height, width", [(28, 28), (7, 9), (56, 84), (13, 100)])
def test_another_size_has_the_same_ink(height, width):
    picture = np.random.default_rng(0).random([28, 28])
    resized = pictures.resize(picture, height, width)
    assert resized.shape == (height, width)
    assert resized.mean() == pytest.approx(picture.mean(), rel=1e-6)
