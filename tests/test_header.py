"""header: where the run is, and how good."""

import toy
from boards import painted

from dashboard.panels import header


def test_the_header_tells_where_the_run_is():
    run = toy.finished(100)
    board = painted(run)
    title = "a name · iteration 100 of 100 · epoch 3 · test accuracy 0.5000"
    assert board.header.title(run, board.look) == title
    board.header.status = "paused"
    assert board.header.update(run, board.look) == ["status"]
    assert board.header.title(run, board.look) == f"{title} · paused"


def test_the_longest_words_of_the_header_fit():
    board = painted(toy.run(10)[0])
    longest = {
        "name": "mnist_2.2_five_layers_relu_lrdecay_dropout", "iteration": "iteration", "i": "100,000",
        "of": "of 1,000,000", "epoch": "epoch 17", "test": "test accuracy", "accuracy": "0.9819",
        "speed": "1,234 iterations/s", "status": "paused, rate ×0.000976562, Y1 Y2 Y3 Y4 dead",
    }  # fmt: skip
    for part, words in longest.items():
        text, (left, _, width, _) = board.header.parts[part], board.header.cells[part]
        text.set_text(words)
        assert text.get_window_extent(board.canvas.get_renderer()).x1 < left + width, part
    assert list(longest) == list(header.COLUMNS)
