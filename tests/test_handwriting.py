"""handwriting: the pad, and how a digit written on it becomes what a network reads."""

import gzip

import numpy as np

from dashboard import handwriting, pictures


def test_a_mnist_digit_comes_out_as_it_went_in(mnist_folder):
    data = gzip.decompress((mnist_folder / "t10k-images-idx3-ubyte.gz").read_bytes())
    digits = np.frombuffer(data, np.uint8, offset=16).reshape(-1, 28, 28)[:1000] / np.float32(255)
    for digit in digits:
        pad = handwriting.Pad()
        pad.load(digit)
        assert np.allclose(pad.picture(), digit, atol=0.01)


def test_wherever_and_however_large_it_is_written_it_comes_out_within_a_pixel(digits):
    random = np.random.default_rng(0)
    for digit in digits[2][:100] / np.float32(255):
        size = random.integers(90, 200)
        left, top = random.integers(0, handwriting.PAD - size, 2)
        ink = np.zeros((handwriting.PAD, handwriting.PAD), np.float32)
        ink[top : top + size, left : left + size] = pictures.resize(digit, size, size)
        expected, found = (handwriting.centred(picture) for picture in (digit, ink))
        shifted = [np.roll(found, (i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1)]
        assert min(abs(picture - expected).mean() for picture in shifted) < 0.03


def test_an_empty_pad_a_dot_and_a_stroke_beyond_the_edge():
    pad = handwriting.Pad()
    assert not pad.picture().any()
    pad.write((0.1, 0.1), (0.1, 0.1))
    assert pad.picture()[14, 14] == 1
    pad.write((-0.5, 0.5), (1.5, 0.5))
    pad.centring = False
    assert pad.picture()[14].all() and not pad.picture()[20:].any()
    pad.clear()
    assert not pad.picture().any()


def test_the_first_stroke_takes_the_test_digit_away():
    pad = handwriting.Pad()
    pad.load(np.ones((28, 28), np.float32))
    pad.write((0.5, 0.5), (0.5, 0.5))
    assert pad.ink.mean() < 0.01 and pad.touched
