"""measures: what is computed from a network's answers and weights, and where a chart ends."""

import numpy as np
import pytest

import startup
from dashboard import measures

GOOD = {"X": np.zeros([5, 28, 28, 1]), "Y_": np.eye(10)[:5], "Y": np.eye(10)[:5]}


def test_a_series_grows_and_keeps_everything():
    series = measures.Series(2)
    for i in range(1000):
        series.add(i, i * 2, i * 3)
    assert series.x.tolist() == list(range(1000))
    assert series.y.tolist() == [[i * 2, i * 3] for i in range(1000)]


# ---------------------------------------------------------------------------------------------------- digits


def test_accuracy():
    Y_ = np.eye(10)[[3, 1, 4, 1]]
    Y = np.full((4, 10), 0.05)
    Y[range(4), [3, 1, 4, 5]] = 0.55
    assert measures.answers(np.zeros([4, 784]), Y_, Y).accuracy == 0.75


@pytest.mark.parametrize("name, wrong", [
    ("X", np.zeros([5])), ("X", np.zeros([5, 783])), ("X", np.zeros([0, 28, 28])),
    ("X", np.zeros([5, 28, 0])), ("X", np.zeros([5, 1, 28, 28, 1])),
    ("Y_", np.zeros(5)), ("Y_", np.eye(10)[:4]), ("Y", np.zeros([5, 9])), ("Y", np.zeros(5)),
])  # fmt: skip
def test_a_wrong_shape_is_refused_by_name(name, wrong):
    with pytest.raises(ValueError, match=f"^{name}: .* needed.*\\[{wrong.shape[0]}"):
        measures.answers(**{**GOOD, name: wrong})


@pytest.mark.parametrize("shape, sides", [
    ([5, 784], (28, 28)), ([5, 28, 28], (28, 28)), ([5, 28, 28, 1], (28, 28)), ([5, 32, 32, 3], (32, 32)),
])  # fmt: skip
def test_images_come_in_many_shapes(shape, sides):
    assert measures.as_images(measures.answers(**{**GOOD, "X": np.zeros(shape)}).X).shape == (5, *sides)


def test_wrong_digits_come_first():
    Y_ = np.eye(10)[[0, 1, 2, 3]]
    Y = np.eye(10)[[0, 7, 2, 8]]
    answers = measures.answers(np.arange(4).repeat(4).reshape(4, 2, 2), Y_, Y)
    images, right, given, total, numbers = measures.wrong_first(answers, most=3)
    assert images[:, 0, 0].tolist() == [1, 3, 0]
    assert (right.tolist(), given.tolist(), total) == ([1, 3, 0], [7, 8, 0], 4)


def test_the_matrix_counts_and_names_the_worst():
    right, given = np.array([0, 0, 1, 1, 1, 2, 2]), np.array([0, 0, 2, 2, 1, 1, 2])
    matrix = measures.confusion(right, given, 3)
    assert matrix.tolist() == [[2, 0, 0], [0, 1, 2], [0, 1, 1]]
    assert measures.worst_pairs(matrix, 3) == [(1, 2), (2, 1)]


# --------------------------------------------------------------------------------------------------- weights


def test_the_bands_are_numpys_percentiles():
    weights = [np.random.default_rng(0).normal(size=shape) for shape in ([20, 30], [7], [3, 3, 2])]
    expected = np.percentile(np.concatenate([w.ravel() for w in weights]), np.arange(8) * 100 / 7)
    assert np.allclose(measures.percentiles(weights, "weights"), expected)


def test_bands_of_what_is_no_number_are_none():
    assert np.isnan(measures.percentiles([np.array([1.0, np.nan])], "weights")).all()
    assert np.isnan(measures.percentiles([np.array([1.0, np.inf])], "weights")).all()


@pytest.mark.parametrize("wrong", [[], 7, [np.zeros([0, 3])]], ids=["none", "a number", "empty"])
def test_weights_that_are_no_list_of_arrays_are_refused_by_name(wrong):
    with pytest.raises(ValueError, match="^biases: a list of arrays"):
        measures.percentiles(wrong, "biases")


@pytest.mark.parametrize("patch", [(6, 6), (5, 5), (4, 3)])
def test_the_responses_of_a_convolution_are_tensorflows(patch):
    startup.start_tensorflow()
    import tensorflow as tf

    random = np.random.default_rng(0)
    W = random.normal(size=[*patch, 1, 7]).astype(np.float32)
    B, X = random.normal(size=7).astype(np.float32), random.random([1, 28, 28, 1], np.float32)
    expected = tf.nn.relu(tf.nn.conv2d(X, W, strides=1, padding="SAME") + B)[0]
    found = measures.responses(measures.first_layer([W], [B]), X[0, ..., 0])
    assert np.allclose(found.transpose(1, 2, 0), expected, atol=1e-4)


def test_the_responses_of_a_dense_layer_add_up_to_its_sums():
    random = np.random.default_rng(0)
    W, B, X = random.normal(size=[784, 7]), random.normal(size=7), random.random([28, 28])
    sums = measures.responses(measures.first_layer([W], [B]), X).sum(axis=(1, 2)) + B
    assert np.allclose(sums, X.reshape(1, 784) @ W + B)


@pytest.mark.parametrize("shape", [(100, 7), (3, 3, 3, 7), (784,), (784, 0)])
def test_other_first_layers_are_not_shown(shape):
    assert measures.first_layer([np.zeros(shape)], [np.zeros(7)]) is None


def test_the_strongest_keep_their_places():
    images = np.array([1, 5, 0, 4, 3])[:, None, None] * np.ones((5, 2, 2))
    assert measures.strongest(images, 3) == [1, 3, 4]
    assert measures.keep_places([], [1, 3, 4]) == [1, 3, 4]
    assert measures.keep_places([1, 3, 4], [0, 1, 4]) == [1, 0, 4]
    assert measures.keep_places([1, 3, 4], [0, 1]) == [0, 1], "fewer neurons than before"


# ---------------------------------------------------------------------------------------------------- charts


def test_the_scale_reads_the_accuracy_of_the_whole_test_set():
    marks = measures.scale_marks(40, 25, 10_000)
    assert marks == pytest.approx({0: 1, 5: 0.98, 10: 0.96, 15: 0.94, 20: 0.92, 25: 0.9})


@pytest.mark.parametrize(
    "x, up", [(0.07, 0.08), (1, 1), (1.01, 1.5), (230, 300), (0, 0), (-3, 0), (np.nan, 0), (np.inf, 0)]
)
def test_limits_are_round(x, up):
    assert measures.round_up(x) == pytest.approx(up)


def test_limits_do_not_flicker():
    values = np.array([0.1] * 9 + [0.95] * 91)
    assert measures.floor_of(values, 0) == 0.9
    values[20:28] = 0.85  # 17 in a hundred hidden: not enough to come down, too many to go up
    assert measures.floor_of(values, 0.9) == 0.9
    assert measures.floor_of(values, 0.8) == 0.8
    end = np.append(values, [0.1] * 20)
    assert measures.floor_of(end, 0.9) == 0, "the end of the curve is always seen"
    nines = np.array([9.0] * 50)
    assert measures.ceiling_of(nines, 0) == measures.ceiling_of(nines, 10) == 10
    assert measures.ceiling_of(np.append(nines, [np.nan] * 50), 10) == 10
    assert measures.ceiling_of(np.array([7.0] * 50), 10) == 10, "not yet far enough below"


def test_thinned_curves_keep_their_peaks():
    y = np.zeros(50_000)
    y[12_345], y[43_210] = 7, -7
    x, thinned = measures.thin(np.arange(50_000.0), y, most=1000)
    assert len(thinned) <= 2100 and thinned.max() == 7 and thinned.min() == -7
    assert abs(x[thinned.argmax()] - 12_345) < 50
