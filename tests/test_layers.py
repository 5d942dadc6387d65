"""layers: what each layer makes of a digit, dead neurons, and what a neuron responds to."""

import numpy as np
import pytest
import toy
from boards import painted, words_in

from dashboard import layers, views
from dashboard.training import Result


def two_layers(X):
    """Four neurons, of which the last two are dead, and ten answers."""
    ink = X.reshape(len(X), -1)
    hidden = np.stack([ink[:, 0], ink[:, 1], 0 * ink[:, 0], 0 * ink[:, 0]], axis=1)
    return [hidden, np.full((len(X), 10), 0.1)]


@pytest.fixture
def board():
    run, (test, *_) = toy.run(10)
    run.add(test)
    return painted(run, "l", {"": two_layers})


def test_dead_neurons_are_counted(board):
    panel = board.panels[layers.Layers]
    assert panel.dead == [2]
    assert [text.get_text() for text in panel.labels][:2] == ["Y1  4: 2 of 4 dead", "Y  10: the answer"]


def test_a_click_shows_what_a_neuron_responds_to_most(board):
    top, columns, rows, side = board.panels[layers.Layers].strips[0]
    panel = board.panels[layers.Layers]
    panel.press(1.5 * side, top + 0.5 * side, 1)
    assert board.record.neuron == (0, 1)
    board.draw_changes()
    assert board.panels[layers.Favourites].heading.get_text() == "Y1, 1 responds most to"
    panel.press(2.5 * side, top + 0.5 * side, 1)
    board.draw_changes()
    assert board.panels[layers.Favourites].heading.get_text() == "Y1, 2 is dead"


def test_a_network_that_tells_only_its_answer():
    run, (test, *_) = toy.run(10)
    run.add(test)
    panel = painted(run, "l", {"": lambda X: np.full((len(X), 10), 0.1)}).panels[layers.Layers]
    assert len(panel.strips) == 1 and panel.dead == []


@pytest.mark.parametrize("key", ["l", "i"])
def test_without_a_network_or_a_test(key):
    run, _ = toy.run(10)
    board = painted(run, key)
    board.show_view(views.BY_KEY[key])
    assert not board.errors.seen


def test_the_largest_squares():
    assert layers.best_grid(200, 760, 100) == (40, 5, 19)
    assert layers.best_grid(6, 700, 110) == (6, 1, 110)
    assert layers.best_grid(7, 3, 2)[2] == 1, "too many for one pixel each"


def test_nothing_is_asked_before_the_key_is_pressed():
    """`l` and what belongs to it cost nothing while they are not in view."""
    asked = []

    def predict(X):
        asked.append(len(X))
        return two_layers(X)

    run, updates = toy.run(30)
    board = painted(run, "0", {"": predict})
    for update in updates:
        run.add(update)
        board.draw_changes()
    assert asked == []
    board.show_view(views.BY_KEY["l"])
    assert 1000 in asked


@pytest.mark.parametrize("X", [np.zeros([20, 784]), np.full([20, 28, 28], 255, np.uint8)])
def test_a_network_is_asked_about_images_of_its_own_shape(X):
    """However a learner's own program hands over its test digits."""
    seen = []

    def predict(images):
        seen.append((images.shape[1:], float(images.max())))
        return two_layers(images)

    run, _ = toy.run(10)
    run.add(toy.test_update(0, X, np.eye(10)[[3] * 20], np.eye(10)[[3] * 20], 1.0))
    assert not painted(run, "l", {"": predict}).errors.seen
    assert {shape for shape, _ in seen} == {(28, 28, 1)} and max(ink for _, ink in seen) <= 1


@pytest.mark.parametrize("shape", [(), (7, 16), (4, 4, 4, 2)])
def test_layers_of_other_dimensions(shape):
    """A single neuron, a sequence, a convolution in space."""

    def predict(X):
        return [np.ones((len(X), *shape)), np.full((len(X), 10), 0.1)]

    run, (test, *_) = toy.run(10)
    run.add(test)
    board = painted(run, "l", {"": predict})
    board.panels[layers.Layers].press(1, board.panels[layers.Layers].strips[0][0] + 1, 1)
    board.draw_changes()
    assert not board.errors.seen
    assert "Y1, 0 responds most to" in words_in(board)


def test_without_predict_it_says_how():
    run, (test, *_) = toy.run(10)
    run.add(test)
    words = " ".join(words_in(painted(run, "l")))
    assert "MnistDataVis(predict=predict)" in words and "answer" not in words


def test_back_in_time_the_dead_neurons_are_not_counted():
    """The network is that of now, and so are they."""
    asked = []

    def predict(X):
        asked.append(len(X))
        return two_layers(X)

    run, updates = toy.run(100)
    for update in updates:
        run.take(Result(update.i + 10, [update]))
    board = painted(run, "l", {"": predict})
    panel = board.panels[layers.Layers]
    newest = panel.counted
    run.look_at(0)
    board.draw_changes()
    assert panel.counted is newest is run.history.newest.test and panel.dead == [2]
