"""The two centrings, the pad's in NumPy and the exported model's in TensorFlow, make the same of a digit."""

import io

import numpy as np
import pytest
from PIL import Image
from quiet import tf

from dashboard.run import handwriting, images
from mlengine.trainer import export

COUNT = 50


def smaller(ink, random):
    """Somewhere else on the paper, drawn smaller."""
    side = int(random.integers(100, 200))
    top, left = random.integers(0, len(ink) - side, 2)
    paper = np.zeros_like(ink)
    paper[top : top + side, left : left + side] = np.asarray(Image.fromarray(ink).resize((side, side)))
    return paper.clip(0, 1)


@pytest.fixture(scope="module")
def inks(digits):
    """Digits on the pad: test digits as they are, and others drawn at other sizes and places."""
    random, pad = np.random.default_rng(0), (handwriting.PAPER, handwriting.PAPER)
    inks = [images.resize(digit, *pad) for digit in digits[2][:COUNT] / np.float32(255)]
    return [smaller(ink, random) if k % 2 else ink for k, ink in enumerate(inks)]


def box(picture):
    """The first and last row and column with ink in them."""
    rows, columns = np.nonzero(picture)
    return np.array([rows.min(), rows.max(), columns.min(), columns.max()])


def centre_of_mass(picture):
    places = np.arange(28) / picture.sum()
    return np.array([picture.sum(axis=1) @ places, picture.sum(axis=0) @ places])


def test_both_centre_ink_alike(inks):
    for ink in inks:
        pad, model = handwriting.centred(ink), export.centred(tf.constant(ink)).numpy()
        assert np.abs(box(pad) - box(model)).max() <= 1
        assert np.abs(centre_of_mass(pad) - centre_of_mass(model)).max() <= 1
        assert np.abs(pad - model).mean() < 0.005


def test_a_picture_of_what_is_on_the_pad_is_read_as_the_pad_is(inks):
    """The model separates ink from paper first, so a few faint pixels are lost."""
    to_digit = tf.function(export.mnist_digit, input_signature=[tf.TensorSpec([], tf.string)])
    differences = []
    for ink in inks:
        stream = io.BytesIO()
        Image.fromarray(np.uint8(255 * (1 - ink))).save(stream, "PNG", compress_level=1)
        pad, model = handwriting.centred(ink), to_digit(stream.getvalue()).numpy()
        assert np.abs(centre_of_mass(pad) - centre_of_mass(model)).max() <= 1
        differences.append(np.abs(pad - model).mean())
    assert np.mean(differences) < 0.02
