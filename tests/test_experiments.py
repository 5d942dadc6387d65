"""docs/experiments.md: its programs run on saved networks, and what they compute of these is true."""

import functools
import re

import numpy as np
import pytest
from conftest import LESSONS
from processes import ROOT, run

import startup
from dashboard import networks
from dashboard.run.images import SHAPE

PAGE = (ROOT / "docs" / "experiments.md").read_text("utf-8")


@pytest.fixture(scope="module")
def experiments():
    """The program that draws the page's pictures."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "docs" / "make")
        from docs.make import experiments

        yield experiments


@pytest.fixture(scope="module")
def folder(digits, tmp_path_factory):
    """Two small networks that have learned from a few digits, saved as the lessons save theirs."""
    tf = startup.start_tensorflow()
    tf.random.set_seed(0)
    X, Y_ = tf.constant(digits[0][:500, ..., None] / np.float32(255)), tf.one_hot(digits[1][:500], 10)
    W, B = tf.Variable(tf.zeros([784, 10])), tf.Variable(tf.zeros([10]))
    W1 = tf.Variable(tf.random.truncated_normal([5, 5, 1, 4], stddev=0.1))
    W2 = tf.Variable(tf.random.truncated_normal([784, 10], stddev=0.1))

    def one_layer(X):
        return tf.nn.softmax(tf.reshape(X, [-1, 784]) @ W + B)

    def convolutional(X):
        Y1 = tf.nn.softplus(tf.nn.conv2d(X, W1, strides=2, padding="SAME"))  # relu without its corner
        return tf.nn.softmax(tf.reshape(Y1, [-1, 784]) @ W2)

    folder = tmp_path_factory.mktemp("networks")
    for predict, numbers in (one_layer, [W, B]), (convolutional, [W1, W2]):

        @tf.function
        def train(predict=predict, numbers=numbers):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(-tf.reduce_sum(Y_ * tf.math.log(predict(X)), axis=1))
            for V, G in zip(numbers, tape.gradient(loss, numbers)):
                V.assign_sub(0.3 * G)

        for _ in range(40):
            train()
        networks.save(predict, folder / predict.__name__, SHAPE)
    return folder


@pytest.fixture(scope="module")
def asked(experiments, folder, digits_folder):
    """Runs a program of the page, with something in it replaced: its names, and what it prints."""

    @functools.cache
    def ask(name, *changes):
        source = experiments.programs()[name]
        for change in changes:
            source = experiments.changed(source, *change)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("MNIST_DATA", str(digits_folder))
            return experiments.run(source, folder)

    return ask


def numbers(text):
    return [float(number) for number in re.findall(r"[-+]?\d+\.?\d*", text)]


def test_all_programs_of_the_page_are_found(experiments):
    assert list(experiments.programs()) == list(experiments.DRAWINGS)
    assert PAGE.count("```python") == len(experiments.DRAWINGS)


# --------------------------------------------------------------------------------------------- a weight


def test_the_slope_is_that_of_the_curve(asked):
    names, printed = asked("own_weight")
    _, _, slope, difference = numbers(printed)[:4]
    assert slope == pytest.approx(difference, abs=0.011) and abs(slope) > 0.02
    assert slope == pytest.approx(float(names["slope"]), abs=0.006)


def test_the_curve_of_a_weight_is_a_valley(asked):
    """Of one layer: nowhere does its slope fall; and in its middle it is the network as it was trained."""
    names, printed = asked("own_weight")
    losses = np.array(names["losses"])
    assert (np.diff(losses, 2) > 0).all()
    assert losses[list(names["moves"]).index(0)] == pytest.approx(float(names["now"]), abs=1e-4)
    assert numbers(printed)[-1] == pytest.approx(losses[-1], abs=0.006)


def test_a_weight_whose_pixel_is_always_0_changes_nothing(asked):
    names, printed = asked("own_weight", ("28 * 16 + 16, 9", "0, 0"))
    assert names["slope"] == 0 and len(set(names["losses"])) == 1


# ----------------------------------------------------------------------------------------------- a patch


def test_a_painted_patch_is_found_where_it_fits_best(asked):
    names, printed = asked("own_patch")
    ink, found, W = (np.asarray(names[name], float) for name in ("ink", "found", "W"))
    around = np.pad(ink, 2)
    sums = [[(around[y : y + 5, x : x + 5] * W).sum() for x in range(28)] for y in range(28)]
    np.testing.assert_allclose(found, np.maximum(sums, 0), atol=1e-4)
    row, column, largest, *pixels = numbers(printed)
    assert (row, column) == np.unravel_index(np.argmax(sums), (28, 28))
    assert largest == pytest.approx(np.max(sums), abs=0.006)
    there = around[int(row) : int(row) + 5, int(column) : int(column) + 5]
    assert pixels == pytest.approx(there.ravel().tolist(), abs=0.051)


def test_the_other_patches_of_the_page_can_be_painted(experiments, asked):
    first, *others = experiments.patches()
    assert [rows.count("#") for rows in (first, *others)] == [5] * 4, "so no sum is larger than 5"
    for rows in others:
        names, _ = asked("own_patch", (first, rows))
        signs = ["-.#"[1 + int(weight)] for weight in names["W"].ravel()]
        assert "".join(signs) == "".join(rows.split())


# --------------------------------------------------------------------------------------------- the pixels


@pytest.mark.parametrize("network", ["one_layer", "convolutional"])
def test_the_slopes_of_pixels_are_difference_quotients(asked, network):
    import tensorflow as tf

    names, printed = asked("own_pixels", ("convolutional", network))
    slopes, X = names["slopes"], names["X"].numpy()

    def lead(moved):
        Y = names["network"].predict(tf.constant(moved))[0].numpy()
        return np.log(Y[4]) - np.log(Y[9])

    assert numbers(printed)[2] == pytest.approx(lead(X), abs=0.06)
    for k in [*np.argsort(slopes, axis=None)[:3], *np.argsort(slopes, axis=None)[-3:]]:
        up, down = X.copy(), X.copy()
        up.ravel()[k] += 0.01
        down.ravel()[k] -= 0.01
        assert (lead(up) - lead(down)) / 0.02 == pytest.approx(slopes.ravel()[k], rel=0.03)


def test_in_one_layer_they_are_its_weights_for_every_digit(asked):
    for digit in "images[4:5]", "images[19:20]":
        names, _ = asked("own_pixels", ("convolutional", "one_layer"), ("images[4:5]", digit))
        (W,) = [V.numpy() for V in names["network"].numbers if V.shape == [784, 10]]
        np.testing.assert_allclose(names["slopes"].ravel(), W[:, 4] - W[:, 9], atol=1e-5)


# ----------------------------------------------------------------------------------------------- fooled


@pytest.mark.parametrize("last", ["convolutional", "one_layer"])
def test_a_chosen_step_raises_the_loss_more_than_noise_does(asked, last):
    first = {"convolutional": "one_layer", "one_layer": "convolutional"}[last]
    names, _ = asked("own_fooled", ('"one_layer", "convolutional"', f'"{first}", "{last}"'))
    import tensorflow as tf

    X, Y_ = names["X"], names["Y_"]
    losses = {}
    for step in 0.05, 0.1, 0.2:
        for way in "noise", "direction":
            moved = np.clip(X + step * names[way], 0, 1)
            Y = names["network"].predict(tf.constant(moved, tf.float32)).numpy()
            losses[way] = -np.log(np.maximum((Y * Y_).sum(axis=1), 1e-30)).mean()
        assert losses["direction"] > 1.2 * losses["noise"], step


def test_the_accuracies_are_those_of_the_moved_images(asked):
    names, printed = asked("own_fooled")
    lines = re.findall(r"^(\w+), (\S+): with noise (\S+), fooled (\S+)$", printed, re.MULTILINE)
    assert [name for name, *_ in lines] == ["one_layer"] * 6 + ["convolutional"] * 6
    for _, step, noisy, fooled in lines:
        assert noisy == fooled if float(step) == 0 else float(noisy) > float(fooled)
    for moved, shown in zip(names["images"], lines[-1][2:]):
        assert np.min(moved) >= 0 and np.max(moved) <= 1
        right = np.argmax(names["network"].predict(moved), axis=1) == np.argmax(names["Y_"], axis=1)
        assert f"{np.mean(right):.4f}" == shown


# ---------------------------------------------------------------------------------- the page's own figures


def shown_after(name):
    """The lines that the page shows of what a program prints."""
    after = PAGE[PAGE.index(f"`{name}.py`:") :].split("<summary>What to expect</summary>")[1]
    return re.search(r"(?:^ {4}.*\n)+", after, re.MULTILINE)[0]


def test_the_patch_fits_where_the_page_says(experiments, mnist_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("MNIST_DATA", str(mnist_folder))
    program, told = experiments.programs()["own_patch"], PAGE[PAGE.index("## 2.") : PAGE.index("## 3.")]
    _, printed = experiments.run(program, tmp_path)
    assert "".join(f"    {line}\n" for line in printed.splitlines()) == shown_after("own_patch")
    first, *others = experiments.patches()
    for rows in *others, "    #####\n" * 5:
        names, _ = experiments.run(experiments.changed(program, first, rows), tmp_path)
        assert f"with {names['found'].max():.2f}" in told


@pytest.mark.slow
def test_the_weights_figures_are_those_of_lesson_1(experiments, mnist_folder, tmp_path, monkeypatch):
    """Trained again: another processor rounds differently, so nearly."""
    saved = "--save-network", tmp_path / "one_layer"
    done = run(LESSONS[0], "--text", *saved, MNIST_DATA=mnist_folder)
    assert done.returncode == 0, done.stderr
    monkeypatch.setenv("MNIST_DATA", str(mnist_folder))
    _, printed = experiments.run(experiments.programs()["own_weight"], tmp_path)
    assert numbers(printed) == pytest.approx(numbers(shown_after("own_weight")), abs=0.02)
