"""The built-in digits: the same for everyone, like handwriting in what can be counted, and learnable."""

import hashlib

import numpy as np
import pytest

import mnistdata
import syntheticdigits


@pytest.fixture(scope="module")
def pages():
    return syntheticdigits.draw(range(40))


def test_they_are_the_same_for_everyone():
    """All 70,000, byte for byte, whatever the machine and the version of numpy."""
    arrays = [array for writers in mnistdata.WRITERS for array in syntheticdigits.draw(writers)]
    assert hashlib.sha256(b"".join(a.tobytes() for a in arrays)).hexdigest() == mnistdata.SYNTHETIC_SHA256


def test_train_and_test_come_from_different_writers():
    train, test = mnistdata.WRITERS
    assert not set(train) & set(test)
    assert (len(train) * syntheticdigits.PAGE, len(test) * syntheticdigits.PAGE) == (60_000, 10_000)


def test_a_writer_always_writes_the_same_page(pages):
    images, labels = syntheticdigits.draw([7])
    assert np.array_equal(images, pages[0][7::40]) and np.array_equal(labels, pages[1][7::40])


def test_drawing_leaves_other_random_numbers_alone():
    before = np.random.get_state()[1].tobytes()
    syntheticdigits.draw(range(2))
    assert before == np.random.get_state()[1].tobytes()


def test_they_are_rendered_like_mnist(pages):
    images, labels = pages
    assert images.dtype == labels.dtype == np.uint8 and images.shape == (4000, 28, 28)
    rows, columns = images.any(axis=2), images.any(axis=1)
    for used in rows, columns:  # each fits a box of 20 pixels, and fills it in one direction
        extent = 28 - used.argmax(axis=1) - used[:, ::-1].argmax(axis=1)
        assert extent.max() <= 22  # grey edges may go beyond it
    heights = 28 - rows.argmax(axis=1) - rows[:, ::-1].argmax(axis=1)
    widths = 28 - columns.argmax(axis=1) - columns[:, ::-1].argmax(axis=1)
    assert np.median(np.maximum(heights, widths)) == 20
    mass = images.sum(axis=(1, 2))
    centres = [(images.sum(axis=axis) * np.arange(28)).sum(axis=1) / mass for axis in (2, 1)]
    assert np.mean(np.abs(np.array(centres) - 14) <= 0.51) > 0.99
    assert images.mean() / 255 == pytest.approx(0.1307, abs=0.01)  # MNIST's own figures
    assert images.std() / 255 == pytest.approx(0.3081, abs=0.01)
    assert ((images > 0) & (images < 255)).mean() > 0.05  # edges are grey


def test_every_digit_is_there_about_equally_often_and_in_no_order(pages):
    counts = np.bincount(pages[1], minlength=10)
    assert len(counts) == 10 and counts.min() > 330 and counts.max() < 470
    assert np.mean(np.diff(pages[1].astype(int)) == 0) < 0.15


def test_no_two_digits_are_the_same(pages):
    assert len({image.tobytes() for image in pages[0]}) == len(pages[0])


def test_they_can_be_told_apart_but_not_too_easily(digits):
    """The mean image of each digit, as a recogniser, does what it does on MNIST (82 %)."""
    train_images, train_labels, test_images, test_labels = (array.astype(float) for array in digits)
    means = np.array([train_images[train_labels == d].mean(axis=0).ravel() for d in range(10)])
    distance = ((test_images.reshape(-1, 1, 784) - means) ** 2).sum(axis=2)
    assert 0.6 < np.mean(distance.argmin(axis=1) == test_labels) < 0.9
