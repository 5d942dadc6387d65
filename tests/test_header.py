"""header: where the run is, and how good."""

import ast

import pytest
import toy
from boards import painted, resize, words_in
from conftest import LESSONS

from dashboard import options
from dashboard.panels import header


def test_the_header_tells_where_the_run_is():
    run = toy.finished(100)
    board = painted(run)
    title = "a name · iteration 100 of 100 · test accuracy 50.00 % · epoch 3"
    assert board.header.title(run, board.look) == title
    board.header.status = "paused"
    assert board.header.update(run, board.look) and not board.header.update(run, board.look)
    assert board.header.title(run, board.look) == f"{title} · paused"


def test_how_good_the_network_is_stands_there_in_per_cent_and_in_digits():
    words = words_in(painted(toy.finished(100)))
    assert {"50.00 %", "of the test digits · 500 of 1,000 wrong"} <= set(words)


def test_the_line_shows_how_far_the_run_is():
    run, made = toy.run(100)
    board = painted(run)
    for update in made[0], made[5], made[-1]:
        toy.show(run, update)
        board.draw_changes()
        (start, reached), (_, end) = (line.get_xdata() for line in (board.header.done, board.header.track))
        assert (reached - start) / (end - start) == pytest.approx(update.i / 100)


LESSONS_TITLES = [options.title_of(ast.get_docstring(ast.parse(path.read_text("utf-8")))) for path in LESSONS]
LONG = {
    "iteration": "iteration 100,000 of 1,000,000", "accuracy": "98.19 %",
    "where": "epoch 1,667 · 1,234 iterations/s · paused, rate ×0.001, dead layer: Y1 Y2 Y3 Y4 (lesson 2.1)",
    "wrong": "of the test digits · 10,000 of 10,000 wrong",
}  # fmt: skip


@pytest.mark.parametrize("size", [(800, 450), (1344, 756), (3840, 2160)])
def test_the_longest_words_of_the_header_fit(size):
    board = painted(toy.run(10)[0])
    resize(board, *size)
    parts, middle, box = board.header.parts, header.WHERE * size[0], {}
    for title in "mnist_2.2_five_layers_relu_lrdecay_dropout", *LESSONS_TITLES:
        name, _, told = title.partition(": ")
        for part, words in {**LONG, "name": name, "told": told}.items():
            parts[part].set_text(words)
            box[part] = parts[part].get_window_extent(board.canvas.get_renderer())
        assert box["name"].x0 > 0 and max(box["name"].x1, box["told"].x1) < middle, title
    assert box["iteration"].x1 < header.PROGRESS[0] * size[0]
    assert header.PROGRESS[1] * size[0] < box["accuracy"].x0 and box["accuracy"].x1 < size[0]
    assert box["where"].x1 < box["wrong"].x0
