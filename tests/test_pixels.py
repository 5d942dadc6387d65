"""pixels: mosaics of digits, and tiles of numbers, dot by dot."""

import numpy as np
import pytest
from screens import INK, WRONG

from dashboard.panels import pixels, style
from dashboard.run.answers import Digits

ONE = np.array([1])


def test_a_mosaic_shows_the_wrong_ones_on_a_tint_of_red_with_both_answers():
    digits = Digits(np.zeros([3, 28, 28]), np.array([1, 2, 3]), np.array([7, 2, 3]), 3, np.arange(3))
    picture = pixels.mosaic(digits, 2, 2, 28)
    assert picture.shape == (56, 56, 4)
    assert picture[2, 2].tolist() == [*WRONG, 255]
    assert (picture[30:] == 255).all() and (picture[:, 30:] == 255).all()
    one = pixels.NUMERALS[1].repeat(2, 0).repeat(2, 1)
    seven = pixels.NUMERALS[7].repeat(2, 0).repeat(2, 1)
    assert ((picture[16:26, 3:9, :3] == INK).all(axis=2) == one).all(), "the right answer at the left"
    red = pixels.rgb(style.WRONG_INK)
    assert ((picture[16:26, 18:24, :3] == red).all(axis=2) == seven).all(), "the network's at the right"


@pytest.mark.parametrize("side", [14, 28])
def test_a_mosaic_keeps_the_ink(side):
    image = np.zeros([1, 28, 28], np.float32)
    image[0, 10:20, 10:20] = 1
    for images in image, (image * 255).astype(np.uint8), image * 255:  # the last: brighter than it may be
        picture = pixels.mosaic(Digits(images, ONE, ONE, 1, ONE), 1, 1, side)
        where = 10 * side // 28, 20 * side // 28
        assert (picture[slice(*where), slice(*where), :3] == INK).all()
        assert (picture[: where[0], :, :3] == 255).all()


def test_what_is_no_number_is_paper():
    images = np.full([1, 28, 28], np.nan)
    assert (pixels.mosaic(Digits(images, ONE, ONE, 1, ONE), 1, 1, 28) == 255).all()
    assert (pixels.tiles(images, 1, 1, 28)[5:20, 5:20] == 255).all()


def test_tiles_are_violet_below_zero_and_green_above():
    picture = pixels.tiles(np.array([-1.0, 0, 1])[:, None, None], 2, 2, 40)
    assert [picture[y, x].tolist()[:3] for y, x in ((20, 20), (20, 60), (60, 20), (60, 60))] == [
        [106, 61, 154], [255] * 3, [27, 120, 55], [255] * 3,
    ]  # fmt: skip


@pytest.mark.parametrize("side", [10, 28, 42])
def test_taught_digits_have_a_frame(side):
    """Their indices are meant, not their places."""
    digits = Digits(np.zeros([3, 28, 28]), np.arange(3), np.arange(3), 3, np.array([5, 0, 7]), 4)
    picture = pixels.mosaic(digits, 3, 1, side)
    orange = (picture == pixels.TAUGHT.reshape(1).view(np.uint8)).all(axis=2)
    assert orange[0, side : 2 * side].all() and not orange[:, :side].any() and not orange[:, 2 * side :].any()
