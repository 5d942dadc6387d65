"""bar, mouse: whatever a key does, a button or a title does; the progress line goes back in time."""

from types import SimpleNamespace

import numpy as np
import pytest
import toy
from boards import PANELS, chosen, painted, picture_of, played, press, resize
from PIL import Image

import mnistdata
from dashboard.panels import pixels, style, views
from dashboard.run.handles import Handles
from dashboard.run.updates import Moment, TrainUpdate
from dashboard.screens import keys

SIZES = (800, 450), (1344, 756), (1920, 1080)
NO_BUTTON = {"home", "end"}  # the progress line does it
SESSION = (  # of a learner who does everything once
    *("space", "left", "b", "right", "+", "-", "o", "o", "h", "ctrl+s", "f", "?", "?"),
    *("1", "0", "2", "0", "3", "0", "4", "0", "5", "0", "6", "0", "7", "8", "9", "w", "l", "g", "m", "v"),
    *("v", "i", "down", "down", "up", "d", "c", "c", "backspace", "t", "3", "t", "escape", "t", "t"),
    *("0", "right", "right", "right", "space", "q"),
)


def learner():
    """In a window where everything can be done, after four updates, of which two are still to come."""
    run, updates = toy.run(40)
    trained = [one for one in updates if isinstance(one, TrainUpdate)]
    moments = [Moment(one.i + 10, one, updates[0]) for one in trained]
    for moment in moments[:2]:
        run.append(moment)
    data = mnistdata.DataSet(np.zeros([20, 28, 28], np.uint8), np.arange(20) % 10, seed=0)
    handles = Handles({"": lambda X: np.full([len(X), 10], 0.1)}, toy.Variable(1.0), data)
    return played(run, moments[2:], handles=handles, digit=chosen(run.newest.test))


def click(one, x, y):
    """The left button of the mouse at these pixels."""
    one.mouse.press(SimpleNamespace(x=x, y=y, button=1, inaxes=None, xdata=None, ydata=None))
    one.mouse.release(None)
    one.show_changes()


def middle(left, bottom, width, height):
    return left + width / 2, bottom + height / 2


def title(panel):
    """Where it is."""
    return middle(*panel.heading.get_window_extent(panel.axes.figure.canvas.get_renderer()).bounds)


def place_of(one, key):
    """Of the button, or else the title, that does the same as a key."""
    for button, place in one.painter.bar.places.items():
        if button.key == key:
            return middle(*place)
    return next(title(panel) for panel in one.painter.places if panel.key == key)


def state(one):
    """All that a key may change."""
    look, handles = one.look, one.handles
    return (
        look.view, look.at(one.run).iteration, look.moment is None, look.asks, look.digit.k,
        look.pad.centring, look.pad.ink is None, look.shows_changeable, one.state, one.run.iteration,
        handles.throttle.factor, len(handles.train_set.taught), one.painter.keys.is_shown,
        tuple(one.screen.called), one.painter.header.status,
    )  # fmt: skip


def test_a_button_or_a_title_does_what_the_key_does(capsys):
    """One learner at the keys, another at the mouse: they see the same."""
    at_keys, at_mouse = learner(), learner()
    new_views = [view.keys[0] for view in views.VIEWS if view.button and view.keys[0] not in SESSION]
    for name in *new_views, *SESSION:
        before = state(at_keys)
        press(at_keys, name)
        click(at_mouse, *place_of(at_mouse, name))
        for one in at_keys, at_mouse:
            one.tick()
        assert state(at_mouse) == state(at_keys), name
        if name != "q":
            assert (picture_of(at_mouse.painter) == picture_of(at_keys.painter)).all(), name
        assert state(at_keys) != before or name == "h", f"{name} did nothing"
    assert not at_keys.errors.seen and not at_mouse.errors.seen


def test_the_session_has_every_key():
    """Views with a button are added to it by themselves."""
    own = [key for panel in PANELS for key in panel.keys]
    every = {view.keys[0] for view in views.VIEWS if not view.button}
    every |= {key.names[0] for key in (*keys.KEYS, *own)}
    assert every - NO_BUTTON <= set(SESSION)


def test_a_title_shows_its_panel_alone_and_then_all_six():
    one = learner()
    for panel in one.painter.view.panels:
        panel = one.painter.panels[panel]
        click(one, *title(panel))
        assert list(one.painter.places) == [panel]
        click(one, *title(panel))
        assert len(one.painter.places) == 6


def test_the_hand_shows_what_can_be_clicked():
    one = learner()
    line = one.painter.header
    for x, y, is_over_button in [
        (*place_of(one, "m"), True), (*place_of(one, "4"), True), (*progress(line, 0.5), True),
        (5, 300, False),
    ]:  # fmt: skip
        one.mouse.move(SimpleNamespace(x=x, y=y, inaxes=None))
        assert bool(one.screen.hand) == is_over_button


def progress(header, share):
    """Pixels of a place on the line of the run's progress."""
    start, end = header.track.get_xdata()
    x = start + share * (end - start)
    return header.axes.transData.transform((x, header.track.get_ydata()[0]))


def test_a_click_on_the_progress_line_pauses_at_the_nearest_moment():
    one = learner()
    one.tick()
    assert one.run.iteration == 30 and one.painter.header.status == ""
    header = one.painter.header
    for share, iteration in (0.26, 20), (0, 10), (0.7, 30), (0.1, 10), (1, 30):
        click(one, *progress(header, share))
        assert one.look.at(one.run).iteration == iteration
        assert header.status == ("paused" if iteration == 30 else "back in time, the network as it is now")
        one.tick()
        assert one.run.iteration == 30, "it trains on"
    x, y = progress(header, 0.5)
    click(one, x, y - 2 * style.EM)
    assert one.look.at(one.run).iteration == 30, "that was beside the line"


# ----------------------------------------------------------------------------------------- where buttons are


@pytest.mark.parametrize("size", SIZES)
def test_buttons_do_not_overlap_and_are_below_the_panels(size):
    one = played(toy.run(10)[0], size=size)
    for look in *(one.look._replace(view=view.keys[0]) for view in views.VIEWS), one.look._replace(asks=True):
        one.painter.look = look
        one.painter.draw_changes()
        high, covered = one.painter.bar.height, np.zeros(size, int)
        for left, bottom, wide, h in one.painter.bar.places.values():
            assert left >= 0 and left + wide <= size[0] and bottom >= 0 and bottom + h <= high
            covered[left : left + wide, bottom : bottom + h] += 1
        assert covered.max() == 1
        assert all(place.cell[1] >= high for place in one.painter.places.values())


def test_a_narrow_window_folds_the_bar_into_rows():
    one = learner()
    rows = []
    for width in 1344, 600, 300:
        resize(one.painter, width, 756)
        rows.append(len({bottom for _, bottom, _, _ in one.painter.bar.places.values()}))
        assert len(one.painter.bar.places) == sum(map(len, keys.buttons(one)))
    assert rows[0] == 1 < rows[1] < rows[2]


def test_the_marked_button_is_the_present_view_and_what_is_on():
    one = learner()

    def marked():
        return {button.label for button in one.painter.bar.places if button.is_active}

    assert marked() == {"all"}
    press(one, "d", " ")
    assert marked() == {"write", "centred", "pause"}
    press(one, "m", " ", "v")
    assert marked() == {"matrix", "most changed"}


@pytest.mark.parametrize("view", ["0", "9"])
def test_a_saved_picture_has_no_bar(tmp_path, view):
    """Not one that a learner saves from a window either, which keeps its own, and its list of keys."""

    def saved(figure):
        figure.savefig(tmp_path / "a.png")
        return np.asarray(Image.open(tmp_path / "a.png"))

    one = learner()
    press(one, view, "?")
    before = picture_of(one.painter)
    assert (before[-1, :, :3] == pixels.rgb(style.BAND)).all()
    from_a_window = saved(one.screen.figure)
    assert (from_a_window == saved(painted(one.run, view).figure)).all()
    one.painter.draw_changes()
    assert (picture_of(one.painter) == before).all()
