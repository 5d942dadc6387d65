"""weights: bands of a seventh each, and the first layer: what is shown of it, and what it finds."""

import numpy as np
import pytest

import startup
from dashboard.run import weights
from dashboard.run.images import SHAPE


def test_the_bands_are_numpys_percentiles():
    arrays = [np.random.default_rng(0).normal(size=shape) for shape in ([20, 30], [7], [3, 3, 2])]
    expected = np.percentile(np.concatenate([w.ravel() for w in arrays]), np.arange(8) * 100 / 7)
    assert np.allclose(weights.band_edges(arrays, "weights"), expected)


def test_bands_of_huge_numbers_are_finite():
    assert np.isfinite(weights.band_edges([np.float32([-3e38, 3e38])], "biases")).all()


def test_the_bands_of_many_weights_are_nearly_theirs():
    """Their first and last edges exactly, in whatever order the weights come."""
    values = np.sort(np.random.default_rng(1).normal(size=240_000))
    edges = weights.band_edges([values.reshape(200, 1200), np.float32([7])], "weights")
    assert (edges[0], edges[-1]) == (values[0], 7)
    assert np.abs(np.searchsorted(values, edges[1:-1]) / 240_000 - weights.EDGES[1:-1]).max() < 0.01


def test_bands_of_what_is_no_number_are_none():
    assert np.isnan(weights.band_edges([np.array([1.0, np.nan])], "weights")).all()
    assert np.isnan(weights.band_edges([np.array([1.0, np.inf])], "weights")).all()


@pytest.mark.parametrize("wrong", [[], 7, [np.zeros([0, 3])]], ids=["none", "a number", "empty"])
def test_weights_that_are_no_list_of_arrays_are_refused_by_name(wrong):
    with pytest.raises(ValueError, match="^biases: a list of arrays"):
        weights.band_edges(wrong, "biases")


# -------------------------------------------------------------------------------------------- the first layer


@pytest.mark.parametrize("patch", [(6, 6), (5, 5), (4, 3)])
def test_the_responses_of_a_convolution_are_tensorflows(patch):
    tf = startup.start_tensorflow()
    random = np.random.default_rng(0)
    W = random.normal(size=[*patch, 1, 7]).astype(np.float32)
    B, X = random.normal(size=7).astype(np.float32), random.random([1, 28, 28, 1], np.float32)
    expected = tf.nn.relu(tf.nn.conv2d(X, W, strides=1, padding="SAME") + B)[0]
    found = weights.responses(weights.first_layer([W], [B], SHAPE), X[0, ..., 0])
    assert np.allclose(found.transpose(1, 2, 0), expected, atol=1e-4)


def test_the_responses_of_a_dense_layer_add_up_to_its_sums():
    random = np.random.default_rng(0)
    W, B, X = random.normal(size=[784, 7]), random.normal(size=7), random.random([28, 28])
    sums = weights.responses(weights.first_layer([W], [B], SHAPE), X).sum(axis=(1, 2)) + B
    assert np.allclose(sums, X.reshape(1, 784) @ W + B)


@pytest.mark.parametrize("shape, of_images", [
    ((100, 7), SHAPE), ((784, 7), (8, 8, 1)), ((64, 7), SHAPE), ((3, 3, 3, 7), (32, 32, 3)), ((784,), SHAPE),
    ((784, 0), SHAPE), ((3072, 7), (32, 32, 3)),
])  # fmt: skip
def test_other_first_layers_are_not_shown(shape, of_images):
    assert weights.first_layer([np.zeros(shape)], [np.zeros(7)], of_images) is None


def test_a_first_layer_of_other_images_is_shown():
    layer = weights.first_layer([np.arange(64 * 3).reshape(64, 3)], [np.zeros(3)], (8, 8, 1))
    assert layer.weights.shape == (3, 8, 8) and layer.weights[1, 0].tolist() == list(range(1, 24, 3))


def test_the_strongest_keep_their_places():
    images = np.array([1, 5, 0, 4, 3])[:, None, None] * np.ones((5, 2, 2))
    assert weights.strongest(images, 3) == [1, 3, 4]
    assert weights.keep_places([], [1, 3, 4]) == [1, 3, 4]
    assert weights.keep_places([1, 3, 4], [0, 1, 4]) == [1, 0, 4]
    assert weights.keep_places([1, 3, 4], [0, 1]) == [0, 1], "fewer neurons than before"


def test_an_update_keeps_the_places_of_the_one_before():
    def shown(norms, before=None):
        return weights.first_layer([np.ones([784, 1]) * norms], [np.arange(40)], SHAPE, before)

    norms = np.arange(40.0)
    first = shown(norms)
    assert first.neurons == list(range(10, 40))
    norms[[12, 3]] = 0, 100
    second = shown(norms, first)
    assert second.neurons == [10, 11, 3, *range(13, 40)], "3 is where 12 was"
    assert second.biases.tolist() == second.neurons and (second.weights[2] == 100).all()
