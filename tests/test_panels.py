"""panel, charts, mosaics, views: what each panel shows, and where it goes."""

import warnings

import numpy as np
import pytest
import toy
from boards import painted, picture_of, places_in, words_in
from screens import RED, count, panels_in, part

import mnistdata
import startup
from dashboard import charts, matrix, mosaics, record, views

PANELS_IN = {  # curves, weights, biases, digits
    "1": "c", "2": "c", "3": "d", "4": "w", "5": "b", "6": "d", "7": "c", "8": "wb", "9": "d", "0": "cwbd",
}  # fmt: skip


KEYS = [view.keys[0] for view in views.VIEWS]
TAUGHT = 230, 159, 0  # the color of their frame


@pytest.fixture(scope="module")
def run():
    run, updates = toy.run(400)
    for update in updates:
        run.iteration = update.i
        run.add(update)
    return run


@pytest.fixture(scope="module")
def board(run):
    return painted(run)


def tenths(X):
    return np.full([len(X), 10], 0.1)


def train_update(W):
    """Of a network whose first layer has these weights."""
    W = np.asarray(W, float)
    return toy.train_update(0, *toy.Network().answers(0, 100), [W], [np.zeros(W.shape[-1])])


def shown(board, key):
    """The words of a view."""
    board.show_view(views.BY_KEY[key])
    return words_in(board)


def none_is_nan(board):
    for key in KEYS:
        words = shown(board, key)
        assert words and not [text for text in words if "nan" in text.lower()], key


def test_a_panel_shows_parts_that_there_are():
    """Another word would never be drawn again, and nobody would say so."""
    for panel in views.PANELS:
        assert panel.shows and panel.shows <= record.PARTS, panel


@pytest.mark.parametrize("size", [(1344, 756), (1920, 1080), (1280, 720), (640, 480)])
@pytest.mark.parametrize("view", views.VIEWS, ids=lambda view: view.keys[0])
def test_panels_do_not_overlap(size, view):
    shapes = {
        mosaics.TrainingDigits: (10, 10, 100), mosaics.TestDigits: (40, 25, 10_000),
        matrix.Confusion: (10, 10, 100),
    }  # fmt: skip
    grids = {p: shapes.get(p, (1, 1, 1)) for p in view.panels if issubclass(p, mosaics.Picture)}
    places = views.layout(*size, view, 12, grids)
    covered = np.zeros(size, int)
    for panel, ((x, y, w, h), (left, bottom, wide, high)) in places.items():
        covered[x : x + w, y : y + h] += 1
        assert x < left and left + wide < x + w and y < bottom and bottom + high < y + h
        if panel in grids:
            assert wide % grids[panel][0] == 0 and high % grids[panel][1] == 0
    assert covered.max() == 1 and set(places) == set(view.panels)


def test_every_key_shows_its_panels(board):
    for key, panels in PANELS_IN.items():
        board.show_view(views.BY_KEY[key])
        assert panels_in(picture_of(board)) == panels, key


def test_every_panel_has_a_view_and_the_six_have_their_numbers():
    numbers = [panel.title[0] for panel in views.BY_KEY["0"].panels]
    assert numbers == list("123456")
    assert [views.BY_KEY[n].panels for n in numbers] == [(panel,) for panel in views.BY_KEY["0"].panels]


# --------------------------------------------------------------------------------------- before and without


def test_before_the_first_update_nothing_is_nan():
    none_is_nan(painted(record.Record(10)))


@pytest.mark.parametrize("kind", [record.TestUpdate, record.TrainUpdate])
def test_nor_is_it_where_a_network_tells_of_its_training_or_of_its_tests_only(kind):
    run, updates = toy.run(10)
    run.add(next(update for update in updates if isinstance(update, kind)))
    none_is_nan(painted(run))


def test_without_predict_d_says_how(board, run):
    assert any("MnistDataVis(predict=predict)" in text for text in shown(board, "d"))
    assert not any("predict" in text for text in words_in(painted(run, "d", {"": tenths})))


def test_a_network_of_nan_is_drawn():
    """A rate that is too high ends so: the loss, every weight and every probability."""
    run, (test, *_) = toy.run(10)
    X, Y_, _, _ = toy.Network().answers(0, 100)
    nan = np.full([784, 10], np.nan)
    run.add(test)
    run.add(toy.test_update(0, X, Y_, nan[:100], np.nan))
    run.add(toy.train_update(0, X, Y_, nan[:100], np.nan, [nan], [nan[0]]))
    board = painted(run, "0", {"": lambda X: tenths(X) * np.nan})
    for key in KEYS:
        board.show_view(views.BY_KEY[key])


# ------------------------------------------------------------------------------------------------ the charts


def test_the_curves_tell_their_latest_values(board, run):
    words = shown(board, "7")
    for series in run.train, run.test:
        accuracy, loss = series.y[-1]
        assert f"{accuracy:.4f}" in words and f"{loss:.4g}" in words


def test_the_bars_are_the_probabilities(run):
    probabilities = np.arange(10) / 45
    board = painted(run, "d", {"a": lambda X: probabilities[None], "b": tenths})
    bars = board.panels[charts.Probabilities].artists
    assert [bar.get_width() for bar in bars] == pytest.approx([*probabilities, *[0.1] * 10])
    words = words_in(board)
    assert {"20.0%", "10.0%", "■ a", "■ b"} <= set(words) and "0.0%" not in words


def test_a_predict_of_another_shape_is_named():
    with pytest.raises(ValueError, match=r"predict: probabilities \[1, 10\] .* not \[1, 7\]"):
        charts.answer_of(lambda X: np.zeros([len(X), 7]), np.zeros([1, 28, 28, 1]))


# ----------------------------------------------------------------------------------------------- the mosaics


def test_the_red_ends_at_the_accuracy(board, run):
    board.show_view(views.BY_KEY["6"])
    grid = board.panels[mosaics.TestDigits].grid()
    (place,) = places_in(board.view, {mosaics.TestDigits: grid}).values()
    rows = np.array_split(part(picture_of(board), place), grid[1])
    red = sum(count(row, RED) > 0 for row in rows)
    assert red / grid[1] == pytest.approx(1 - run.test.y[-1, 0], abs=1 / grid[1])


def test_the_matrix_has_every_number_and_the_worst_are_named(board, run):
    words = shown(board, "m")
    counts = run.last_test.confusion
    assert {f"{n}" for n in counts[counts > 0]} <= set(words)
    for right, given in run.last_test.worst_pairs:
        assert any(f"{right} as {given} ({counts[right, given]})" in text for text in words)


def test_the_first_layer_may_change_its_shape():
    run, (test, *_) = toy.run(10)
    run.add(test)
    board = painted(run, "w")
    for shape, tiles in ([784, 40], 30), ([5, 5, 1, 12], 12), ([784, 3], 3), ([3, 3, 3, 7], 0):
        run.add(train_update(np.random.default_rng(0).normal(size=shape)))
        board.draw_changes()
        words = words_in(board)
        assert any("shown only of" in text for text in words) == (tiles == 0)
        if tiles:
            assert len(run.last_train.neurons) == tiles
            assert {f"{k}" for k in run.last_train.neurons} <= set(words)


# ------------------------------------------------------------------------------------------ own networks


def test_a_network_of_nan_is_no_error(capsys):
    """Nor is one that becomes so while it is looked at."""
    run, (test, train, *_) = toy.run(10)
    X, Y_, _, _ = toy.Network().answers(0, 100)
    nan = np.full([784, 10], np.nan)
    run.add(test)
    run.add(train)
    board = painted(run, "w", {"": lambda X: tenths(X) * np.nan})
    huge = np.float32(3e38) * np.where(np.arange(7840) % 2, 1, -1).reshape(784, 10)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for loss, weights in (1e38, huge), (np.inf, np.full([784, 10], np.inf)), (np.nan, nan):
            run.add(toy.test_update(0, X, Y_, nan[:100], loss))
            run.add(toy.train_update(0, X, Y_, nan[:100], loss, [weights], [weights[0]]))
            board.draw_changes()
            for key in KEYS if loss is np.nan else "w":
                board.show_view(views.BY_KEY[key])
    assert not board.errors.seen and capsys.readouterr().err == ""


def test_fewer_neurons_than_before_or_of_another_kind_are_no_error(capsys):
    run, (test, *_) = toy.run(10)
    run.add(test)
    board = painted(run, "w")
    for shape in ([784, 40], [784, 10], [5, 5, 1, 6], [784, 2], [1, 1, 1, 1], [784, 30], [0, 3], [784, 0]):
        run.add(
            toy.train_update(0, *toy.Network().answers(0, 100), [np.ones(shape), np.ones(3)], [np.ones(2)])
        )
        board.draw_changes()
    assert not board.errors.seen and capsys.readouterr().err == ""


def test_tensorflows_variables_are_read_without_a_warning():
    tf = startup.start_tensorflow()
    W, B = tf.Variable(tf.ones([784, 10])), tf.Variable(tf.ones([10]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        X, Y_, Y, loss = (tf.constant(value) for value in toy.Network().answers(0, 100))
        update = toy.train_update(0, X, Y_, Y, loss, [W, W], [B, B])
    assert update.first_layer.weights.shape == (10, 28, 28)


# ---------------------------------------------------------------------------------------------- teaching


@pytest.fixture
def pupil():
    return mnistdata.DataSet(np.zeros([20, 28, 28], np.uint8), np.arange(20) % 10, seed=0)


def test_digits_that_need_shift_are_taught(pupil):
    """As on French keyboards."""
    board = painted(record.Record(), "d")
    board.handles.pupil = pupil
    for name in "t", "shift", "7":
        assert board.panels[mosaics.Pad].take_key(name) or name == "shift"
    assert {np.argmax(label) for _, label in pupil.taught} == {7}


def test_teaching_is_offered_where_something_can_be_taught(pupil):
    for given in None, pupil:
        board = painted(record.Record(), "d")
        board.handles.pupil = given
        board.record.write((0.2, 0.2), (0.7, 0.8))
        board.draw_changes()
        words = board.panels[mosaics.Pad].note.get_text()
        assert words.startswith("clear") and ("teach it" in words) == bool(given)


def test_taught_digits_have_a_frame_in_their_own_batch(pupil):
    run, (_, train, *_) = toy.run(10)
    train.taught = 4
    run.add(train)
    board = painted(run, "3")
    assert count(picture_of(board)[..., :3], TAUGHT) > 100
    pupil.teach(np.ones([28, 28]), 7)
    board.handles.pupil, train.taught = pupil, 0
    run.changed.add("train")
    board.draw_changes()
    assert not count(picture_of(board)[..., :3], TAUGHT), "an earlier batch had none"
