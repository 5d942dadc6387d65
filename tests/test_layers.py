"""layers: what each layer makes of a digit, dead neurons, and what a neuron responds to."""

import numpy as np
import pytest
import toy
from boards import look, painted, played, words_in

from dashboard.panels import layers
from dashboard.run.handles import SAMPLE, Handles


def two_layers(X):
    """Four neurons, of which the last two are dead, and ten answers."""
    ink = X.reshape(len(X), -1)
    hidden = np.stack([ink[:, 0], ink[:, 1], 0 * ink[:, 0], 0 * ink[:, 0]], axis=1)
    return [hidden, np.full((len(X), 10), 0.1)]


class Asked:
    """A network that remembers about how many images it was asked."""

    def __init__(self):
        self.sizes = []

    def __call__(self, X):
        self.sizes.append(len(X))
        return two_layers(X)


@pytest.fixture
def run():
    return toy.finished(10)


def labels_of(board):
    return [text.get_text() for text in board.panels[layers.Layers].labels]


def test_dead_neurons_are_counted(run):
    assert labels_of(painted(run, "l", {"": two_layers}))[:2] == ["Y1  4: 2 of 4 dead", "Y  10: the answer"]


def test_a_click_shows_what_a_neuron_responds_to_most(run):
    board = painted(run, "l", {"": two_layers})
    panel, favourites = board.panels[layers.Layers], board.panels[layers.Favourites]
    top, columns, rows, side = panel.strips[0]
    clicked = panel.press(1.5 * side, top + 0.5 * side, 1, run, board.look)
    assert clicked.neuron == (0, 1)
    words, digits = favourites.favourites(run, clicked, 5)
    assert words == "Y1, 1 responds most to"
    ink = run.newest.test.answers.X[:, 0, 1, 0]
    assert ink[digits.indices].tolist() == sorted(ink.tolist())[::-1][:5]
    dead = panel.press(2.5 * side, top + 0.5 * side, 1, run, board.look)
    assert favourites.favourites(run, dead, 5)[0] == "Y1, 2 is dead"


def test_a_network_that_tells_only_its_answer(run):
    board = painted(run, "l", {"": lambda X: np.full((len(X), 10), 0.1)})
    assert len(board.panels[layers.Layers].strips) == 1 and labels_of(board)[0] == "Y  10: the answer"


def test_the_largest_squares():
    assert layers.strip(200, 760, 100) == (40, 5, 19)
    assert layers.strip(6, 700, 110) == (6, 1, 110)
    assert layers.strip(7, 3, 2)[2] == 1, "too many for one pixel each"


def test_nothing_is_asked_before_the_key_is_pressed():
    """`l` and what belongs to it cost nothing while they are not in view."""
    run, made = toy.run(30)
    network = Asked()
    board = painted(run, "0", {"": network})
    for update in made:
        toy.show(run, update)
        board.draw_changes()
    assert network.sizes == []
    look(board, view="l")
    assert SAMPLE in network.sizes


def test_each_test_is_sent_through_the_network_once():
    """In the window's thread, of 3.1, that takes 47 ms.

    Once the rate was turned, the header tells of dead layers too.
    """
    run, made = toy.run(100)
    network = Asked()
    player = played(run, key="l", handles=Handles({"": network}))
    for update in made:
        toy.show(run, update, factor=2.0)
        player.painter.header.status = player.status()
        player.painter.draw_changes()
    assert run.turns and not player.errors.seen
    assert network.sizes.count(SAMPLE) == run.test.length and set(network.sizes) == {1, SAMPLE}


@pytest.mark.parametrize("shape", [(), (7, 16), (4, 4, 4, 2)])
def test_layers_of_other_dimensions(run, shape):
    """A single neuron, a sequence, a convolution in space."""

    def predict(X):
        return [np.ones((len(X), *shape)), np.full((len(X), 10), 0.1)]

    board = painted(run, "l", {"": predict})
    panel = board.panels[layers.Layers]
    board.look = panel.press(1, panel.strips[0][0] + 1, 1, run, board.look)
    board.draw_changes()
    assert not board.errors.seen
    assert "Y1, 0 responds most to" in words_in(board)


def test_without_predict_it_says_how(run):
    words = " ".join(words_in(painted(run, "l")))
    assert "MnistDataVis(predict=predict)" in words and "answer" not in words


def test_back_in_time_the_dead_neurons_are_those_of_now():
    """As the network is, and nothing is counted again."""
    run, network = toy.finished(100), Asked()
    board = painted(run, "l", {"": network})
    look(board, moment=run.moments[0])
    assert network.sizes.count(SAMPLE) == 1 and labels_of(board)[0] == "Y1  4: 2 of 4 dead"
