"""handwriting: the pad, and how a digit written on it becomes what a network reads."""

import gzip

import numpy as np
import toy

from dashboard.run import handwriting
from dashboard.run.handwriting import PAPER, Handwriting
from dashboard.run.images import resize


def test_a_mnist_digit_comes_out_as_it_went_in(mnist_folder):
    data = gzip.decompress((mnist_folder / "t10k-images-idx3-ubyte.gz").read_bytes())
    digits = np.frombuffer(data, np.uint8, offset=16).reshape(-1, 28, 28)[:200] / np.float32(255)
    for digit in digits:
        assert np.allclose(handwriting.centred(resize(digit, PAPER, PAPER)), digit, atol=0.01)


def test_wherever_and_however_large_it_is_written_it_comes_out_within_a_pixel(digits):
    random = np.random.default_rng(0)
    for digit in digits[2][:100] / np.float32(255):
        size = random.integers(90, 200)
        left, top = random.integers(0, PAPER - size, 2)
        ink = np.zeros((PAPER, PAPER), np.float32)
        ink[top : top + size, left : left + size] = resize(digit, size, size)
        expected, found = (handwriting.centred(picture) for picture in (digit, ink))
        shifted = [np.roll(found, (i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1)]
        assert min(abs(picture - expected).mean() for picture in shifted) < 0.03


def read(pad):
    """What a network of MNIST's digits gets of it, when there was no test."""
    return pad.network_input(None, 28, 28)


def test_an_empty_pad_a_dot_and_a_stroke_beyond_the_edge():
    pad = Handwriting()
    assert not read(pad).any()
    pad = pad.written((0.1, 0.1), (0.1, 0.1))
    assert read(pad)[14, 14] == 1
    pad = pad.written((-0.5, 0.5), (1.5, 0.5)).recentred()
    assert read(pad)[14].all() and not read(pad)[20:].any()
    assert not read(pad.cleared()).any()


def test_a_stroke_makes_another_pad():
    """A panel, or an earlier look, may still show the one before."""
    first = Handwriting().written((0.2, 0.2), (0.4, 0.4))
    ink = first.ink.copy()
    second = first.written((0.6, 0.6), (0.8, 0.8))
    assert (first.ink == ink).all() and second.ink.sum() > ink.sum() and second.cleared().centring


def test_a_test_digit_is_on_the_pad_until_somebody_writes():
    test = toy.test_update(0, np.ones([1, 784]), np.eye(10)[[3]], np.eye(10)[[3]], 1.0)
    assert (Handwriting().visible_ink(test) == 1).all()
    assert Handwriting().written((0.5, 0.5), (0.5, 0.5)).visible_ink(test).mean() < 0.01
    assert not Handwriting().cleared().visible_ink(test).any()


def test_images_of_another_size():
    pad = Handwriting().written((0.2, 0.2), (0.8, 0.9))
    for sides in (8, 8), (32, 32), (20, 40):
        assert (
            pad.network_input(None, *sides).shape
            == pad.recentred().network_input(None, *sides).shape
            == sides
        )
