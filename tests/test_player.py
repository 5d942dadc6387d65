"""player, and the windows that it plays in, of Tk and of Qt: keys, mouse, pauses and ends."""

import re
import signal
import time

import pytest
import toy as toys
from boards import PANELS, places_in_window, played, press
from conftest import Starter, need_toolkit
from processes import wait_for
from screens import WRONG, Window, at, count, panels_in, part, screen

from dashboard.panels import bands, matrix, views
from dashboard.run.updates import Moment, TrainUpdate
from dashboard.screens import keys

BOTH = "tkagg", pytest.param("qtagg", marks=pytest.mark.slow)
THE_END = r"final test accuracy: 0\.\d{4}\nmax test accuracy: 0\.\d{4}\n$"


@pytest.fixture(scope="module", params=BOTH)
def toolkit(request):
    """MPLBACKEND's name of it."""
    need_toolkit(request.param)
    return request.param


class Run:
    """A run in a window, for several tests; each leaves it training, with all six panels in view."""

    def __init__(self, process, display):
        self.process, self.window = process, Window(display, "iteration")

    def updates(self):
        return self.process.text().count("loss")

    def wait_for_updates(self, n):
        before = self.updates()
        wait_for(lambda: self.updates() > before + n, f"{n} updates")

    def wait_for_title(self, word):
        wait_for(lambda: word in self.window.title(), f"{word!r} in the title")


@pytest.fixture(scope="module")
def running(toolkit, need_a_screen, tmp_path_factory):
    """On a screen of its own: other windows would take its keys."""
    start = Starter(tmp_path_factory.mktemp("toy"))
    with screen() as display:
        yield Run(start("lesson(1_000_000)", DISPLAY=display, MPLBACKEND=toolkit), display)
        start.end()


def in_tk(toy, display, code, title="iteration"):
    process = toy(code, DISPLAY=display, MPLBACKEND="tkagg")
    return process, Window(display, title)


# ----------------------------------------------------------------------------------------------- every key


def test_the_keys_of_the_panels(running):
    for key, panels in {
        "1": "c", "2": "c", "3": "d", "4": "w", "5": "b", "6": "d", "7": "c", "8": "wb", "9": "d",
        "0": "cwbd", "6 ": "d", "Escape": "cwbd",
    }.items():  # fmt: skip
        running.window.key(key.strip())
        running.window.wait_for_panels(panels, after=f"key {key}")


def test_pausing_pauses_the_training_and_right_is_one_update(running):
    running.window.key("space")
    running.wait_for_title("paused")
    running.window.still_picture()  # what was on its way has come
    updates = running.updates()
    running.window.still_picture()
    assert running.updates() == updates, "it trained while paused"
    running.window.key("Right")
    wait_for(lambda: running.updates() > updates, "an update")
    running.window.still_picture()
    assert running.updates() <= updates + 2, "a training update and a test, at most"
    running.window.key("space")
    running.wait_for_updates(10)


def test_the_list_of_keys(running):
    running.window.key("space")
    running.wait_for_title("paused")
    before = running.window.still_picture()
    running.window.key("question")
    wait_for(lambda: (running.window.picture() != before).mean() > 0.005, "the list")
    running.window.key("question")
    wait_for(lambda: (running.window.picture() == before).all(), "the picture without it")
    running.window.key("space")
    wait_for(lambda: "paused" not in running.window.title(), "training")


def test_matplotlibs_other_keys_do_nothing(running):
    """k and L, say, would make its scales logarithmic, and g take the grid away."""
    running.window.key("m")
    wait_for(lambda: panels_in(running.window.picture()) != "cwbd", "another view")
    running.window.key("space")
    running.wait_for_title("paused")
    running.window.mouse((300, 300))
    before = running.window.still_picture()
    running.window.key(*"kLGpsaxy", "Tab", "Up", "BackSpace", "ctrl+c")
    assert (running.window.still_picture() == before).all()
    running.window.key("space", "0")
    running.wait_for_updates(3)


@pytest.fixture
def unseen():
    """The player of a run of four updates."""
    run, updates = toys.run(40)
    return played(run, [Moment(one.i + 10, one) for one in updates if isinstance(one, TrainUpdate)], "1")


def test_full_screen_zoom_and_saving_are_the_screens_business(unseen):
    press(unseen, "o", "ctrl+s", "f")
    assert unseen.screen.called == ["zoom", "save", "full screen"]


def test_space_after_the_end_shows_the_end_again(unseen):
    for _ in range(5):
        unseen.tick()
    press(unseen, "left")
    assert unseen.painter.header.status == "back in time, the network as it is now"
    press(unseen, " ")
    assert unseen.painter.header.status == "finished"


def test_words_are_drawn_ahead_from_time_to_time(unseen):
    unseen.tick()
    drawn = []
    unseen.painter.draw_ahead = lambda: drawn.append(1)
    unseen.drawn_ahead += 30
    unseen.tick()
    assert not drawn, "one has just been drawn"
    unseen.drawn_ahead -= 60
    press(unseen, " ")
    unseen.tick()
    assert drawn == [1]
    unseen.tick()
    assert drawn == [1], "one at a time"


def test_nothing_is_drawn_while_an_update_is_made(unseen):
    unseen.handles.due, unseen.handles.began = 1, time.perf_counter() + 30
    unseen.tick()
    assert unseen.run.iteration == 0
    press(unseen, "7")
    assert unseen.painter.shown_look.view == "7", "but a key is answered"
    unseen.handles.due = 0
    unseen.tick()
    assert unseen.run.iteration == 10


def test_a_pause_is_not_in_the_speed(unseen):
    unseen.tick()
    press(unseen, " ")
    unseen.speed_taken = unseen.speed_taken[0] - 30, unseen.speed_taken[1]
    press(unseen, "right")
    unseen.tick()
    assert unseen.run.iteration == 20 and unseen.painter.header.speed == ""


def test_a_key_has_one_meaning():
    own = [name for panel in PANELS for key in panel.keys for name in key.names]
    general = [name for key in keys.KEYS for name in key.names]
    general += [name for view in views.VIEWS for name in view.keys]
    assert len(set(own + general)) == len(own + general)


# -------------------------------------------------------------------------------------------- zoom and mouse


def test_zooming_is_not_undone_by_the_next_update(toy, display):
    run, window = in_tk(toy, display, "lesson(100_000)")
    window.key("8")
    wait_for(lambda: "\n60: " in run.text(), "60 iterations")
    window.key("o")
    window.mouse((780, 340), "mousedown 1", (800, 350), (900, 400), (940, 430), "mouseup 1")

    left, top, width, height = places_in_window("8", {})[bands.Biases]

    def biases():
        return window.picture()[top + 5 : top + height - 5, left + 5 : left + width - 5]

    def wait_for_updates(n):
        lines = run.text().count("loss")
        wait_for(lambda: run.text().count("loss") > lines + n, f"{n} updates")

    wait_for_updates(5)
    zoomed = biases()
    wait_for_updates(30)
    assert (biases() == zoomed).all(), "the view moved"
    window.key("h")
    wait_for(lambda: (biases() != zoomed).mean() > 0.1, "the whole axes")
    run.send_signal(signal.SIGINT)
    assert run.wait(10) == 130
    assert re.search(r"max test accuracy: 0\.\d{4}\n$", run.text())


def test_a_click_fills_in_the_digits_of_a_cell(toy, display):
    run, window = in_tk(toy, display, "lesson(30)", "finished")
    places = places_in_window("m", {matrix.Confusion: (10, 10, 100), matrix.Cell: (6, 6, 36)})
    counts, cell = places[matrix.Confusion], places[matrix.Cell]

    def tinted():
        return count(part(window.picture(), cell), WRONG)

    window.key("m")
    before = wait_for(tinted, "the digits of the worst cell")
    window.mouse(at(counts, 0.25, 0.25), "click 1")  # the twos that are taken for twos
    wait_for(lambda: not tinted(), "right ones")
    window.mouse(at(counts, 0.35, 0.25), "click 1")  # taken for threes
    wait_for(lambda: tinted() > before / 2, "wrong ones")


# --------------------------------------------------------------------------------------------------- the end


def test_keys_work_after_the_end(toy, display):
    run, window = in_tk(toy, display, "lesson(30)", "finished")
    assert run.text().endswith("max test accuracy: 0.3600\n")
    window.key("8")
    window.wait_for_panels("wb", after="the end")
    window.key("ctrl+w")
    assert run.wait(10) == 0
    assert run.text().count("max test accuracy") == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_window(toy, display, number):
    run, window = in_tk(toy, display, "lesson(100_000)")
    run.send_signal(number)
    assert run.wait(10) == 128 + number
    assert re.search(THE_END, run.text())


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tkagg", "qtagg"])
def test_another_figure_does_not_keep_a_run(toy, display, backend):
    """One that the reader has opened: our run ends by a key, by the window's button and by signals."""
    need_toolkit(backend)
    code = "import matplotlib.pyplot as plt\nplt.figure()\nplt.plot([1, 2])\nlesson({})"
    runs = [toy(code.format(10**6 + k), DISPLAY=display, MPLBACKEND=backend) for k in range(4)]
    windows = [Window(display, f"of {10**6 + k:,}") for k in range(4)]
    wait_for(lambda: all("test accuracy" in run.text() for run in runs), "a result of each")
    windows[0].do("windowfocus", "--sync", windows[0].id, "key", "q")
    windows[1].press_close_button()
    runs[2].send_signal(signal.SIGINT)
    runs[3].send_signal(signal.SIGTERM)
    assert [run.wait(30) for run in runs] == [0, 0, 128 + signal.SIGINT, 128 + signal.SIGTERM]
    for run in runs:
        assert re.search(THE_END, run.text()) and "Traceback" not in run.text(), run.text()


@pytest.mark.parametrize("backend", BOTH)
def test_no_window_is_left_behind(toy, display, backend):
    """Closed by its button, and by a key: the program goes on without them."""
    need_toolkit(backend)
    run = toy(
        "import threading\nlesson(30)\nlesson(40)\n"
        "print('and now', threading.active_count(), 'thread', flush=True)\ntime.sleep(60)",
        DISPLAY=display, MPLBACKEND=backend,
    )  # fmt: skip
    first = Window(display, "iteration 30 of 30 .* finished")
    first.press_close_button()
    second = Window(display, "iteration 40 of 40 .* finished")
    second.key("q")
    wait_for(lambda: "and now 1 thread" in run.text(), "the end of both")
    assert run.text().count("max test accuracy") == 2 and "Tcl" not in run.text()
    assert not second.do("search", "--onlyvisible", "--name", "of [34]0 ", check=False)


def test_a_second_signal_does_not_wait_for_a_long_step(toy, display):
    """What is asked for is kept all the same."""
    run, window = in_tk(
        toy, display, "from pathlib import Path\nlesson(100, 6, save_curves=Path('curves.csv'))"
    )
    run.send_signal(signal.SIGTERM)
    wait_for(lambda: not window.do("search", "--onlyvisible", "--name", "of 100 ", check=False), "no window")
    run.send_signal(signal.SIGTERM)
    assert run.wait(20) == 143
    assert re.search(THE_END, run.text()) and "Traceback" not in run.text(), run.text()
    assert toy.folder.joinpath("curves.csv").read_text().count("\n") == 2


def test_ctrl_c_while_a_picture_is_saved(toy, display):
    """The dialog goes, without a word."""
    run, window = in_tk(toy, display, "lesson(100_000)")
    window.key("ctrl+s")
    wait_for(lambda: window.do("search", "--onlyvisible", "--name", "Save", check=False), "a dialog")
    run.send_signal(signal.SIGINT)
    assert run.wait(20) == 130
    assert re.search(THE_END, run.text()) and "rror" not in run.text(), run.text()


def test_a_fault_in_training_ends_the_run(toy, display):
    run = toy("lesson(100, None)", DISPLAY=display, MPLBACKEND="tkagg")
    assert run.wait(20) == 1
    assert run.text().count("TypeError") == 1 and "max test accuracy" not in run.text()


def test_an_error_in_drawing_costs_a_picture_never_a_run(toy, display):
    run, window = in_tk(
        toy, display, "from dashboard.panels import limits\nlimits.thin = None\nlesson(50)", "finished"
    )
    window.key("6")
    window.wait_for_panels("d", after="an error in other panels")
    window.key("q")
    assert run.wait(10) == 0, "all that was asked for is there"
    assert run.text().count("Error in the dashboard, which continues: TypeError: ") == 1
    assert "Traceback" not in run.text() and "max test accuracy: 0.4290\n" in run.text()


def test_a_key_is_answered_while_a_long_step_trains(toy, display):
    """A call of training_step takes a minute here."""
    run, window = in_tk(toy, display, "lesson(100_000, seconds=6)")
    for is_paused in True, False:
        window.key("space")
        wait_for(lambda now=is_paused: ("paused" in window.title()) == now, "an answer", seconds=20)


def test_tab_does_not_take_the_keys_away(running):
    """To the toolbar's buttons, say."""
    for key, panels in {"8": "wb", "0": "cwbd"}.items():
        running.window.key("Tab", "Tab", key)
        running.window.wait_for_panels(panels, after=f"tab, tab, {key}")


def test_a_low_window_and_a_tiny_one(running):
    """Any view, and then the usual size again."""
    for size in (1344, 18), (400, 60), (1, 1), (300, 15), (40, 800):
        running.window.do("windowsize", running.window.id, *size)
        running.window.key(*"1234567890dmw0")
        running.wait_for_updates(1)
    running.window.do("windowsize", "--sync", running.window.id, 1300, 800)
    running.window.wait_for_panels("cwbd", after="tiny sizes")
    assert "Error" not in running.process.text()


def test_q_ends_the_run_with_its_results(running):
    """The last test with this window."""
    running.window.key("q")
    assert running.process.wait(10) == 0, running.process.text()
    assert re.search(THE_END, running.process.text())
