"""painter: what has changed is drawn again, at any size, zoomed in or not."""

import pytest
import toy
from boards import chosen, look, painted, picture_of, resize

from dashboard.panels import charts, layers, letters, views
from dashboard.run.look import Look

WRITTEN = Look().pad.written((0.2, 0.2), (0.7, 0.8))
KEYS = [view.keys[0] for view in views.VIEWS]


@pytest.mark.parametrize("key", KEYS)
def test_redrawing_what_has_changed_gives_the_same_picture_as_redrawing_all(key):
    run, made = toy.run(200)
    board = painted(run, key)
    before = picture_of(board)

    def check():
        board.draw_changes()
        picture = picture_of(board)
        board.canvas.draw()
        assert (picture_of(board) == picture).all()

    for update in *made[:4], made[-1]:  # the last, a test, makes the axis of iterations longer
        toy.show(run, update)
        check()
    digit = chosen(run.newest.test)
    board.look = board.look._replace(pad=WRITTEN, digit=digit, cell=(1, 2), neuron=(0, 0))
    check()
    assert (picture_of(board) != before).mean() > 0.001


def test_saving_a_picture_leaves_the_dashboard_whole(tmp_path):
    """On a high-DPI screen, the canvas has another renderer afterwards."""
    run, made = toy.run(10)
    board = painted(run)
    board.canvas._set_device_pixel_ratio(1.5)
    for update in made:
        toy.show(run, update)
        board.draw_changes()
        assert (picture_of(board)[..., 3] == 255).all()
        board.figure.savefig(tmp_path / "saved.png")


def test_a_panel_is_made_when_it_is_first_needed():
    board = painted(toy.finished(50), "1")
    assert set(board.panels) == {charts.Accuracy}


def test_a_panel_that_cannot_be_made_leaves_nothing():
    class Failing(charts.Accuracy):
        def make(self):
            raise ZeroDivisionError

    board = painted(toy.finished(50), "1")
    axes = board.figure.axes
    with pytest.raises(ZeroDivisionError):
        board.panels[Failing]
    assert board.figure.axes == axes


def test_another_view_draws_all_of_it_again():
    run = toy.finished(50)
    board = painted(run, "d")
    look(board, view="0")
    assert (picture_of(board) == picture_of(painted(run, "0"))).all()


def test_words_are_drawn_ahead():
    """The first time, they take long, and a key has 100 ms; nothing is computed, and no network asked."""
    board = painted(toy.finished(50), networks={"": None})
    look(board, view="3")
    before, board.unsent = picture_of(board), False
    for _ in range(len(views.VIEWS) + 1):
        board.draw_ahead()
        assert (picture_of(board) == before).all() and board.look.view == "3" and not board.unsent
    assert not board.undrawn and board.keys.pixels and not board.errors.seen
    drawn = letters.word_pixels.cache_info().misses
    for panel in board.panels.values():
        panel.draw_words()
    assert letters.word_pixels.cache_info().misses == drawn
    resize(board, 40, 20)  # too small for the list of keys
    board.draw_ahead()
    board.draw_ahead()
    assert len(board.undrawn) == len(views.VIEWS) - 1
    resize(board, 900, 600)
    assert len(board.undrawn) == len(views.VIEWS) + 1, "the letters have another size"


def test_what_has_changed_is_not_drawn_ahead():
    """A stroke of the pen is drawn by the next look, and sent then."""
    board = painted(toy.finished(50), "d")
    board.look = board.look._replace(pad=WRITTEN)
    board.draw_ahead()
    assert board.look is not board.shown_look and len(board.undrawn) == len(views.VIEWS) + 1


def test_a_paused_view_fits_its_place_at_once():
    """Only its key or another size of the window draws it then."""
    board = painted(toy.run(10)[0])
    look(board, view="l")
    axes = board.panels[layers.Layers].axes
    for size in (1344, 756), (900, 600):
        width, height = axes.bbox.size
        assert (*axes.get_xlim(), *axes.get_ylim()) == (0, round(width), round(height), 0)
        resize(board, *size)


@pytest.mark.parametrize("size", [(400, 60), (300, 15), (40, 800), (640, 480), (2000, 1200)])
def test_a_figure_of_any_size(size, capsys):
    run, made = toy.run(10)

    def predict(X):
        return [*[X.reshape(len(X), -1)[:, :200]] * 8, X[:, 0, :10, 0]]

    board = painted(run, "0", {"": predict})
    resize(board, *size)
    for key in "0dmwli":
        look(board, view=key)
        for update in made:
            toy.show(run, update)
            board.draw_changes()
    assert picture_of(board).shape == (size[1], size[0], 4) and capsys.readouterr().err == ""


def test_words_that_never_change_follow_their_panel():
    """Its axes are of another size, for another number of digits, when its view comes back."""
    run, made = toy.run(50)
    board = painted(run, "9")
    toy.show(run, made[0])
    board.draw_changes()
    look(board, view="7")
    few = toy.Network().answers(0, 50)
    toy.show(run, toy.train_update(0, *few, *toy.Network().variables()), toy.test_update(0, *few))
    board.draw_changes()
    look(board, view="9")
    assert (picture_of(board) == picture_of(painted(run, "9"))).all()


def test_what_still_comes_after_the_end_is_no_error(capsys):
    """A toolkit may draw and resize a window that is being closed; its figure has no canvas then."""
    from matplotlib.backend_bases import FigureCanvasBase

    board = painted(toy.finished(50))
    canvas = board.canvas
    FigureCanvasBase(board.figure)  # as pyplot.close() leaves it
    board.resized(None)
    board.drawn(None)
    assert board.figure.canvas is not canvas and capsys.readouterr().err == ""


# ------------------------------------------------------------------------------------------------------ zoom


def test_zooming_is_not_undone_by_the_next_update():
    run, made = toy.run(100)
    board = painted(run, "7")
    axes = board.panels[charts.Accuracy].axes
    axes.set(xlim=(3, 7), ylim=(0.1, 0.2))
    other = board.panels[charts.Loss].axes
    before = other.get_ylim()
    for update in made:
        toy.show(run, update)
        board.draw_changes()
    assert axes.get_xlim() == (3, 7) and axes.get_ylim() == (0.1, 0.2)
    assert other.get_xlim() == (0, 100) and other.get_ylim() != before, "the other one was not zoomed"
    board.show_whole_axes()
    assert axes.get_xlim() == (0, 100)


def test_layers_are_zoomed_in():
    board = painted(toy.finished(10), "l", {"": lambda X: X.reshape(len(X), -1)[:, 300:310]}, pad=WRITTEN)
    panel = board.panels[layers.Layers]
    axes, before = panel.axes, picture_of(board)
    axes.set(xlim=(20, 60), ylim=(80, 40))
    board.stale.add(panel)
    board.draw_changes()
    width, height = axes.bbox.size
    left, top = round(axes.bbox.x0), picture_of(board).shape[0] - round(axes.bbox.y1)
    middle = picture_of(board)[top + round(height / 2), left + round(width / 2)]
    assert (middle == before[top + 60, left + 40]).all()
