"""images: in whatever form they come, arrays of brightness; other sizes, and bytes."""

import numpy as np
import pytest

from dashboard.run import images


@pytest.mark.parametrize("shape, of_one", [
    ([5, 784], (28, 28, 1)), ([5, 64], (8, 8, 1)), ([5, 28, 28], (28, 28, 1)), ([5, 28, 20, 1], (28, 20, 1)),
    ([5, 32, 32, 3], (32, 32, 3)),
])  # fmt: skip
def test_images_come_in_many_shapes(shape, of_one):
    X = np.random.default_rng(0).random(shape)
    assert images.shape_of(X) == of_one
    assert images.as_images(X).shape == (5, *of_one[:2])
    assert np.allclose(images.as_images(X).mean(axis=(1, 2)), X.reshape(5, -1).mean(axis=1))


def test_bytes_are_brightness_in_255_steps():
    X = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    assert (images.as_images(X) == X / np.float32(255)).all()
    assert (images.as_bytes(images.as_images(X)) == X).all()
    assert images.as_bytes(np.array([-1, 2, np.nan, np.inf, -np.inf])).tolist() == [0, 255, 0, 255, 0]


@pytest.mark.parametrize("height, width", [(28, 28), (7, 9), (56, 84), (13, 100)])
def test_another_size_has_the_same_ink(height, width):
    picture = np.random.default_rng(0).random([28, 28])
    resized = images.resize(picture, height, width)
    assert resized.shape == (height, width)
    assert resized.mean() == pytest.approx(picture.mean(), rel=1e-6)
