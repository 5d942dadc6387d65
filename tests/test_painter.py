"""painter, header, errors: what has changed is drawn again, and an error in drawing costs a picture only."""

import numpy as np
import pytest
import toy
from boards import painted, picture_of
from matplotlib.backend_bases import ResizeEvent

from dashboard import charts, errors, header, layers, measures, panel, player, views


@pytest.mark.parametrize("key", [view.keys[0] for view in views.VIEWS])
def test_redrawing_what_has_changed_gives_the_same_picture_as_redrawing_all(key):
    run, updates = toy.run(60)
    board = painted(run, key)
    before = picture_of(board)
    for k, update in enumerate(updates):
        run.iteration = update.i
        run.add(update)
        if k == 3:
            run.write((0.2, 0.2), (0.7, 0.8))
            run.select(run.last_test.digits, 0, is_test=True)
        board.draw_changes()
        picture = picture_of(board)
        board.canvas.draw()
        assert (picture_of(board) == picture).all()
    assert (picture != before).mean() > 0.001


def test_saving_a_picture_leaves_the_dashboard_whole(tmp_path):
    """On a fine screen, the canvas has another renderer afterwards."""
    run, updates = toy.run(10)
    board = painted(run)
    board.canvas._set_device_pixel_ratio(1.5)
    for update in updates:
        run.add(update)
        board.draw_changes()
        assert (picture_of(board)[..., 3] == 255).all()
        board.figure.savefig(tmp_path / "saved.png")


def test_another_view_draws_all_of_it_again():
    run, updates = toy.run(50)
    for update in updates:
        run.add(update)
    board = painted(run, "d")
    anew = picture_of(painted(run, "0"))
    board.show_view(views.BY_KEY["0"])
    assert (picture_of(board) == anew).all()


def resize(board, width, height):
    board.figure.set_size_inches(*np.divide((width, height), 100))
    ResizeEvent("resize_event", board.canvas)._process()


def test_a_paused_view_fits_its_place_at_once():
    """Only its key or another size of the window draws it then."""
    run, _ = toy.run(10)
    board = painted(run)
    board.show_view(views.BY_KEY["l"])
    axes = board.panels[layers.Layers].axes
    for size in (1344, 756), (900, 600):
        width, height = axes.bbox.size
        assert (*axes.get_xlim(), *axes.get_ylim()) == (0, width, height, 0)
        resize(board, *size)


@pytest.mark.parametrize("size", [(400, 60), (300, 15), (40, 800), (640, 480), (2000, 1200)])
def test_a_figure_of_any_size(size, capsys):
    run, updates = toy.run(10)
    board = painted(
        run, "0", {"": lambda X: [*[X.reshape(len(X), -1)[:, :200]] * 8, np.full((len(X), 10), 0.1)]}
    )
    resize(board, *size)
    for key in "0dmwli":
        board.show_view(views.BY_KEY[key])
        for update in updates:
            run.add(update)
            board.draw_changes()
    assert picture_of(board).shape == (size[1], size[0], 4) and capsys.readouterr().err == ""


# ------------------------------------------------------------------------------------------------ the header


def test_the_header_tells_where_the_run_is():
    run, updates = toy.run(100)
    for update in updates:
        run.add(update)
    run.iteration = 100
    board = painted(run)
    assert (
        board.header.title()
        == "a name · iteration 100 of 100 · epoch 3 · test accuracy 0.5000 · ? for the keys"
    )
    board.header.status = "paused"
    assert board.header.changed() == ["status"] and board.header.title().endswith(" · paused")


def test_the_list_of_keys_is_shown_and_hidden():
    run, _ = toy.run(10)
    board = painted(run)
    before = picture_of(board)
    board.header.switch_keys()
    board.show_all()
    with_list = picture_of(board)
    assert (with_list != before).any()
    board.show_all()
    assert (picture_of(board) == with_list).all(), "drawn from its pixels"
    board.header.switch_keys()
    board.show_all()
    assert (picture_of(board) == before).all()


def test_the_list_of_keys_is_there_at_once_when_it_is_asked_for(monkeypatch):
    run, _ = toy.run(10)
    board = painted(run)
    before = picture_of(board)
    board.header.prepare_keys()
    assert (picture_of(board) == before).all()

    def fail(*args):
        raise AssertionError("the list is drawn again")

    monkeypatch.setattr(board.header.keys, "draw", fail)
    board.header.switch_keys()
    board.show_all()
    assert (picture_of(board) != before).any()


def test_words_that_never_change_follow_their_panel():
    """Its axes are of another size, for another number of digits, when its view comes back."""
    run, updates = toy.run(50)
    board = painted(run, "9")
    run.add(updates[0])
    board.draw_changes()
    board.show_view(views.BY_KEY["7"])
    few = toy.Network().answers(0, 50)
    run.add(toy.train_update(0, *few, *toy.Network().variables()))
    run.add(toy.test_update(0, *few))
    board.draw_changes()
    board.show_view(views.BY_KEY["9"])
    assert (picture_of(board) == picture_of(painted(run, "9"))).all()


def test_words_that_never_change_are_drawn_once(monkeypatch):
    """Though the axes end elsewhere."""
    run, updates = toy.run(500)
    board, drawn = painted(run), []
    for k, update in enumerate(updates):
        if k == 4:  # both mosaics have their grids: from here on, nothing is forgotten
            monkeypatch.setattr(panel.Panel, "draw_fixed", lambda panel: drawn.append(panel))
        run.iteration = update.i
        run.add(update)
        board.draw_changes()
    assert board.panels[charts.Accuracy].axes.get_xlim() == (0, 500) and not drawn
    board.canvas.draw()
    assert drawn


@pytest.mark.parametrize("size", [(1344, 756), (800, 450), (1920, 1080)])
def test_the_list_of_keys_fits_its_window(size):
    run, _ = toy.run(10)
    board = painted(run)
    board.header.keys.set_text(player.list_of_keys())
    board.header.switch_keys()
    resize(board, *size)
    board.show_all()
    box = board.header.keys.get_bbox_patch().get_window_extent()
    assert min(box.min) >= 0 and box.x1 <= size[0] and box.y1 <= size[1]


def test_the_longest_words_of_the_header_fit():
    run, _ = toy.run(10)
    board = painted(run)
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


# ------------------------------------------------------------------------------------------------------ zoom


def test_zooming_is_not_undone_by_the_next_update():
    run, updates = toy.run(400)
    board = painted(run, "7")
    axes = board.panels[charts.Accuracy].axes
    axes.set(xlim=(3, 7), ylim=(0.1, 0.2))
    for update in updates:
        run.iteration = update.i
        run.add(update)
        board.draw_changes()
    assert axes.get_xlim() == (3, 7) and axes.get_ylim() == (0.1, 0.2)
    assert board.panels[charts.Loss].axes.get_xlim()[1] == 400, "the other one was not zoomed"
    board.fit(zoomed_too=True)
    board.show_view(board.view)
    assert axes.get_xlim() == (0, 400)


def test_layers_are_zoomed_in():
    run, _ = toy.run(10)
    board = painted(run, "l", {"": lambda X: X.reshape(len(X), -1)[:, 300:310]})
    run.write((0.2, 0.2), (0.7, 0.8))
    board.draw_changes()
    panel = board.panels[layers.Layers]
    axes, before = panel.axes, picture_of(board)
    axes.set(xlim=(20, 60), ylim=(80, 40))
    board.stale.add(panel)
    board.draw_changes()
    width, height = axes.bbox.size
    left, top = round(axes.bbox.x0), picture_of(board).shape[0] - round(axes.bbox.y1)
    middle = picture_of(board)[top + round(height / 2), left + round(width / 2)]
    assert (middle == before[top + 60, left + 40]).all()


def test_a_mark_beyond_a_zoomed_chart_is_not_drawn():
    run, updates = toy.run(100)
    for update in updates:
        run.add(update)
    run.turns[50] = 8.0
    board = painted(run, "7")
    panel, before = board.panels[charts.Loss], picture_of(board)
    panel.axes.set(xlim=(60, 90))
    board.stale.add(panel)
    board.draw_changes()
    assert (picture_of(board)[:, :672] == before[:, :672]).all(), "in the other chart"


# ---------------------------------------------------------------------------------------------------- errors


def test_an_error_is_reported_once_in_a_sentence(capsys):
    seen = errors.Errors()
    for _ in range(3):
        with seen.reported():
            raise ValueError("two\nlines")
    (line,) = capsys.readouterr().err.splitlines()
    assert line == "Error in the dashboard, which continues: ValueError: two lines"


def test_an_error_in_drawing_costs_a_picture_never_a_run(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(measures, "thin", lambda *_: 1 / 0)
    with pytest.raises(SystemExit) as end:
        toy.lesson(40, 0, save_image=tmp_path / "a.png", view="7")
    assert end.value.code == 1
    out, err = capsys.readouterr()
    assert err == "Error in the dashboard, which continues: ZeroDivisionError: division by zero\n"
    assert out.count(" loss: ") == 4 + 5 and out.splitlines()[-1] == "max test accuracy: 0.4000"


def test_what_still_comes_after_the_end_is_no_error(capsys):
    """A toolkit may draw and resize a window that is being closed; its figure has no canvas then."""
    from matplotlib.backend_bases import FigureCanvasBase

    run, updates = toy.run(50)
    for update in updates:
        run.add(update)
    board = painted(run)
    canvas = board.canvas
    FigureCanvasBase(board.figure)  # as pyplot.close() leaves it
    board.resized(None)
    board.drawn(None)
    assert board.figure.canvas is not canvas and capsys.readouterr().err == ""
