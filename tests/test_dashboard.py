"""The dashboard: what it shows, how it answers to keys, and everywhere that it can be seen."""

import io
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from xvfb import screen

import tensorflowvisu as visu

HOME = Path(__file__).parent.parent
BLUE, PANEL_4, PANEL_5, RED = (0, 96, 176), (23, 86, 140), (148, 78, 0), (208, 28, 42)

LESSON = """
import argparse, sys, threading, time
from pathlib import Path
import numpy as np
import tensorflowvisu

def lesson(iterations, seconds=0.001, **options):
    random = np.random.default_rng(0)
    options = {**vars(tensorflowvisu.DEFAULTS), **options}
    datavis = tensorflowvisu.MnistDataVis(argparse.Namespace(**options), 50)

    def answers(n, share):
        X, Y_ = random.random([n, 28, 28, 1], np.float32), np.eye(10)[random.integers(0, 10, n)]
        wrong = np.arange(n) >= share * n
        return X, Y_, np.where(wrong[:, None], np.roll(Y_, 1, axis=1), Y_)

    def step(i, n, update_test_data, update_train_data):
        share = 0.6 - 0.6 / (1 + i / 20)
        if update_test_data:
            datavis.update_test_data(i, *answers(1000, share), 100 * (1 - share))
        if update_train_data:
            W = [random.normal(size=[10, 10]), random.normal(size=50)]
            datavis.update_train_data(i, *answers(100, share), 100 * (1 - share), W, [np.arange(10) - 5])
        time.sleep(n * seconds)

    datavis.animate(step, iterations, train_data_update_freq=10, test_data_update_freq=50)
    return datavis
"""


@pytest.fixture
def lesson(tmp_path):
    """Runs a made-up lesson of a given length in a process of its own."""
    (tmp_path / "lesson.py").write_text(LESSON)
    runs = []

    def run(call, **environment):
        environment = {**os.environ, "PYTHONPATH": f"{HOME}{os.pathsep}{tmp_path}", **environment}
        environment = {name: value for name, value in environment.items() if value is not None}
        path = tmp_path / f"output{len(runs)}"
        with path.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "-u", "-c", f"from lesson import *\n{call}"],
                cwd=tmp_path, env=environment, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        process.text = path.read_text
        runs.append(process)
        return process

    yield run
    for process in runs:
        process.kill()
        process.wait()


def need_a_screen():
    for tool in ("Xvfb", "xdotool"):
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not installed")
    pytest.importorskip("tkinter", reason="this Python has no tkinter")


@pytest.fixture(scope="module")
def display():
    need_a_screen()
    with screen() as display:
        yield display


@pytest.fixture(params=[96, 144])
def small_display(request):
    need_a_screen()
    with screen("1280x720", dots_per_inch=request.param) as display:
        yield display


def wait_for(condition, what="", seconds=20):
    stop = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < stop, f"waited in vain {what}"
        time.sleep(0.01)
    return answer


class Window:
    """A window on a screen, its keys and what is seen in it."""

    def __init__(self, display, name):
        self.environment = {**os.environ, "DISPLAY": display}
        find = "search", "--onlyvisible", "--name", name
        self.id = wait_for(lambda: self.do(*find, check=False).split())[0]
        self.do("windowfocus", "--sync", self.id)
        wait_for(lambda: len(np.unique(self.picture())) > 50)

    def do(self, *arguments, check=True):
        run = subprocess.run(["xdotool", *arguments], env=self.environment, capture_output=True, text=True)
        assert run.returncode == 0 or not check, run.stderr
        return run.stdout

    def key(self, name):
        self.do("key", name)

    def title(self):
        return self.do("getwindowname", self.id)

    def picture(self):
        from PIL import ImageGrab

        return np.asarray(ImageGrab.grab(xdisplay=self.environment["DISPLAY"]))

    def still_picture(self):
        """When nothing moves any more."""
        pictures = [self.picture()]

        def still():
            pictures.append(self.picture())
            return all((picture == pictures[-1]).all() for picture in pictures[-5:]) and len(pictures) > 5

        wait_for(still)
        return pictures[-1]


def panels_in(picture):
    """Which of the curves, weights, biases and digits are to be seen, by their colors."""
    least = {"c": (BLUE, 20), "w": (PANEL_4, 200), "b": (PANEL_5, 200), "d": (RED, 10_000)}  # pixels
    return "".join(name for name, (color, n) in least.items() if (picture == color).all(axis=2).sum() > n)


# ------------------------------------------------------------------------------------------- data, no figure


def test_the_bands_are_numpys_percentiles():
    weights = [np.random.default_rng(0).normal(size=shape) for shape in ([20, 30], [7], [3, 3, 2])]
    expected = np.percentile(np.concatenate([w.ravel() for w in weights]), np.arange(8) * 100 / 7)
    assert np.allclose(visu.percentiles(weights, "weights"), expected)


def test_bands_of_what_is_no_number_are_none():
    assert np.isnan(visu.percentiles([np.array([1.0, np.nan])], "weights")).all()
    assert np.isnan(visu.percentiles([np.array([1.0, np.inf])], "weights")).all()


def test_a_series_grows_and_keeps_everything():
    series = visu.Series(2)
    for i in range(1000):
        series.add(i, i * 2, i * 3)
    assert series.x.tolist() == list(range(1000))
    assert series.y.tolist() == [[i * 2, i * 3] for i in range(1000)]


def test_wrong_digits_come_first():
    Y_ = np.eye(10)[[0, 1, 2, 3]]
    Y = np.eye(10)[[0, 7, 2, 8]]
    images, right, given, total = visu.wrong_first(np.arange(4).repeat(4).reshape(4, 2, 2), Y_, Y, most=3)
    assert images[:, 0, 0].tolist() == [1, 3, 0]
    assert (right.tolist(), given.tolist(), total) == ([1, 3, 0], [7, 8, 0], 4)


def test_a_mosaic_shows_the_wrong_ones_on_red_with_both_answers():
    digits = np.zeros([3, 28, 28]), np.array([1, 2, 3]), np.array([7, 2, 3]), 3
    picture = visu.mosaic(digits, 2, 2, 28)
    assert picture.shape == (56, 56, 4)
    assert picture[2, 2].tolist() == [*RED, 255]
    assert (picture[30:] == 255).all() and (picture[:, 30:] == 255).all()
    one = visu.NUMERALS[1].repeat(2, 0).repeat(2, 1)
    seven = visu.NUMERALS[7].repeat(2, 0).repeat(2, 1)
    assert ((picture[16:26, 1:7, 1] == 255) == one).all()
    assert ((picture[16:26, 20:26, 0] == 0) == seven).all()


def test_a_mosaic_keeps_the_ink():
    image = np.zeros([1, 28, 28])
    image[0, 10:20, 10:20] = 1
    picture = visu.mosaic((image, np.array([1]), np.array([1]), 1), 1, 1, 14)
    assert (picture[5:10, 5:10, :3] == 20).all() and (picture[:5, :, :3] == 255).all()
    picture = visu.mosaic((image * 255, np.array([1]), np.array([1]), 1), 1, 1, 28)
    assert picture[15, 15].tolist() == [20, 20, 20, 255]


def test_the_scale_reads_the_accuracy_of_the_whole_test_set():
    assert visu.scale(40, 25, 10_000) == pytest.approx({0: 1, 5: 0.98, 10: 0.96, 15: 0.94, 20: 0.92, 25: 0.9})


@pytest.mark.parametrize(
    "x, up", [(0.07, 0.08), (1, 1), (1.01, 1.5), (230, 300), (0, 0), (-3, 0), (np.nan, 0)]
)
def test_limits_are_round(x, up):
    assert visu.round_up(x) == pytest.approx(up)


def test_limits_do_not_flicker():
    values = np.array([0.1] * 9 + [0.95] * 91)
    assert visu.floor_of(values, 0) == 0.9
    values[20:28] = 0.85  # 17 in a hundred hidden: not enough to come down, too many to go up
    assert visu.floor_of(values, 0.9) == 0.9
    assert visu.floor_of(values, 0.8) == 0.8
    assert visu.floor_of(np.append(values, [0.1] * 20), 0.9) == 0, "the end of the curve is always seen"
    assert visu.ceiling_of(np.array([9.0] * 50), 0) == visu.ceiling_of(np.array([9.0] * 50), 10) == 10
    assert visu.ceiling_of(np.array([9.0] * 50 + [np.nan] * 50), 10) == 10
    assert visu.ceiling_of(np.array([7.0] * 50), 10) == 10, "not yet far enough below"


def test_thinned_curves_keep_their_peaks():
    y = np.zeros(50_000)
    y[12_345], y[43_210] = 7, -7
    x, thinned = visu.thin(np.arange(50_000.0), y, most=1000)
    assert len(thinned) <= 2100 and thinned.max() == 7 and thinned.min() == -7
    assert abs(x[thinned.argmax()] - 12_345) < 50


@pytest.mark.parametrize("size", [(1344, 756), (1920, 1080), (1280, 720), (640, 480)])
@pytest.mark.parametrize("panels", [*visu.VIEWS.values()])
def test_panels_do_not_overlap(size, panels):
    shapes = {3: (10, 10, 100), 6: (40, 25, 10_000), "matrix": (10, 10, 100)}
    grids = {panel: shapes.get(panel, (1, 1, 1)) for panel in panels if panel in visu.PICTURES}
    places = visu.layout(*size, panels, 12, grids)
    covered = np.zeros(size, int)
    for panel, ((x, y, w, h), (left, bottom, wide, high)) in places.items():
        covered[x : x + w, y : y + h] += 1
        assert x < left and left + wide < x + w and y < bottom and bottom + high < y + h
        if panel in grids:
            assert wide % grids[panel][0] == 0 and high % grids[panel][1] == 0
    assert covered.max() == 1


CALL = 0, 1, True, True
GOOD = {"X": np.zeros([5, 28, 28, 1]), "Y_": np.eye(10)[:5], "Y": np.eye(10)[:5]}


@pytest.mark.parametrize("name, wrong", [
    ("X", np.zeros([5])), ("X", np.zeros([5, 783])), ("X", np.zeros([0, 28, 28])),
    ("Y_", np.zeros(5)), ("Y_", np.eye(10)[:4]), ("Y", np.zeros([5, 9])), ("Y", np.zeros(5)),
])  # fmt: skip
def test_a_wrong_shape_is_refused_by_name(name, wrong):
    datavis = visu.MnistDataVis()
    with pytest.raises(ValueError, match=f"^{name}: .* needed"):
        datavis.update_test_data(0, **{**GOOD, name: wrong}, loss=1)


@pytest.mark.parametrize("X", [np.zeros([5, 784]), np.zeros([5, 28, 28]), np.zeros([5, 32, 32, 3], np.uint8)])
def test_images_come_in_many_shapes(X):
    datavis = visu.MnistDataVis()
    datavis.record = visu.Record(10)
    (_, news), *_ = datavis.train(lambda *_: datavis.update_test_data(0, **{**GOOD, "X": X}, loss=1), [CALL])
    assert news[0][-2][0].shape == (5, *((32, 32) if X.ndim == 4 else (28, 28)))


def test_weights_that_are_no_list_of_arrays_are_refused_by_name():
    datavis = visu.MnistDataVis()
    datavis.record = visu.Record(10)
    with pytest.raises(ValueError, match="^biases: a list of arrays"):
        datavis.update_train_data(0, **GOOD, loss=1, weights=[np.zeros(3)], biases=[])


def test_two_runs_share_nothing():
    one, two = visu.MnistDataVis(), visu.MnistDataVis()
    one.record, two.record = visu.Record(10), visu.Record(10)
    one.update_test_data(0, **GOOD, loss=1)
    assert one.test_accuracies == [1] and two.test_accuracies == []
    assert len(one.news) == 1 and not two.news


# ----------------------------------------------------------------------------------------- files and failures


def test_text_imports_no_matplotlib(lesson):
    run = lesson("lesson(20, text=True); assert 'matplotlib' not in sys.modules")
    assert run.wait(20) == 0
    assert re.search(r"final test accuracy: 0.3000\nmax test accuracy: 0.3000\n$", run.text())


def test_without_a_display_there_is_text_and_a_hint(lesson):
    run = lesson("lesson(20)", DISPLAY=None, WAYLAND_DISPLAY=None, MPLBACKEND=None)
    assert run.wait(20) == 0
    assert run.text().count("MPLBACKEND=webagg") == 1
    assert run.text().endswith("max test accuracy: 0.3000\n")


@pytest.mark.parametrize("missing, advice, environment", [
    ("sys.modules['matplotlib'] = None", "matplotlib is missing", {}),
    ("import matplotlib; matplotlib.__version_info__ = (3, 7, 5)", "3.8 is needed", {}),
    ("import importlib.util as u; f = u.find_spec; u.find_spec = lambda n, *a: n != 'tornado' and f(n, *a)",
     "pip install tornado", {"MPLBACKEND": "webagg"}),
])  # fmt: skip
def test_what_is_missing_is_said_before_training(lesson, missing, advice, environment):
    run = lesson(f"{missing}\nlesson(20)", **environment)
    assert run.wait(20) == 2
    assert advice in run.text() and run.text().count("\n") == 1


@pytest.mark.parametrize("option, file, path", [
    ("--save-movie", "run.mp4", ""), ("--save-movie", "run.avi", None), ("--save-image", "run.txt", None),
    ("--save-image", "no/such/folder/run.png", None),
])  # fmt: skip
def test_a_file_that_cannot_be_written_is_said_before_training(
    tmp_path, monkeypatch, capsys, option, file, path
):
    if path is not None:
        monkeypatch.setenv("PATH", path)
    with pytest.raises(SystemExit) as end:
        visu.command_line(arguments=[option, str(tmp_path / file)])
    assert end.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_final_picture_is_saved(lesson, tmp_path):
    run = lesson("for name in 'a.png', 'a.svg', 'a.pdf': lesson(100, 0, save_image=Path(name))", DISPLAY=None)
    assert run.wait(30) == 0, run.text()
    from PIL import Image

    picture = np.asarray(Image.open(tmp_path / "a.png").convert("RGB"))
    assert picture.shape == (756, 1344, 3) and panels_in(picture) == "cwbd"
    assert (tmp_path / "a.svg").read_text().startswith("<?xml")
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")


def test_redrawing_what_has_changed_gives_the_same_picture_as_redrawing_all(lesson):
    run = lesson("""
class AllDrawnAnew:
    def __init__(self, path, canvas):
        self.canvas = canvas

    def add(self):
        picture = np.asarray(self.canvas.buffer_rgba()).copy()
        self.canvas.draw()
        assert (np.asarray(self.canvas.buffer_rgba()) == picture).all()

    def close(self):
        pass

tensorflowvisu.Movie = AllDrawnAnew
lesson(400, 0, save_movie=True)""")
    assert run.wait(60) == 0, run.text()


def test_a_movie_has_a_frame_for_each_update(lesson, tmp_path):
    for tool in ("ffmpeg", "ffprobe"):
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not installed")
    run = lesson("lesson(100, 0, save_movie=Path('a.mp4')); lesson(100, 0, save_movie=Path('a.gif'))")
    assert run.wait(60) == 0, run.text()
    entries = ["-show_entries", "stream=nb_frames,width,height,codec_name", "-of", "csv=p=0"]
    probe = subprocess.run(
        ["ffprobe", "-v", "error", *entries, tmp_path / "a.mp4"], capture_output=True, text=True
    )
    assert probe.stdout.strip() == "h264,1344,756,12"  # at 0, 10, ... 100, and "finished"
    from PIL import Image

    assert Image.open(tmp_path / "a.gif").n_frames == 12


@pytest.mark.parametrize("ending", ["exit 1", "cat >/dev/null; exit 1"])
def test_a_movie_that_ffmpeg_cannot_write(lesson, tmp_path, ending):
    ffmpeg = tmp_path / "ffmpeg"
    ffmpeg.write_text(f"#!/bin/sh\n{ending}\n")
    ffmpeg.chmod(0o755)
    run = lesson("lesson(100, 0, save_movie=Path('a.mp4'))", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert run.wait(60) == 1
    *_, last, said = run.text().splitlines()
    assert last.startswith("max test accuracy") and said == "a.mp4 is not written: ffmpeg failed"


def test_a_network_that_cannot_be_saved(lesson, tmp_path):
    run = lesson("""
make = tensorflowvisu.MnistDataVis
tensorflowvisu.MnistDataVis = lambda options, epoch: make(options, epoch, predict=len)
tensorflowvisu.save_network = lambda *_: 1 / 0
lesson(100, 0, text=True, save_network="folder")""")
    assert run.wait(60) == 1
    assert "the network is not in folder: division by zero" in run.text()
    assert run.text().splitlines()[-1].startswith("max test accuracy")


def test_saving_a_picture_leaves_the_dashboard_whole(lesson):
    """On a fine screen, the canvas has another renderer afterwards."""
    run = lesson("""
class Saves:
    def __init__(self, path, canvas):
        self.canvas = canvas
        canvas._set_device_pixel_ratio(1.5)

    def add(self):
        assert (np.asarray(self.canvas.buffer_rgba())[..., 3] == 255).all()
        self.canvas.figure.savefig("saved.png")

    def close(self):
        pass

tensorflowvisu.Movie = Saves
lesson(40, 0, save_movie=True)""")
    assert run.wait(60) == 0, run.text()


# ------------------------------------------------------------------------------------------------- a window


@pytest.mark.parametrize("backend, toolkit", [("tkagg", "tkinter"), ("qtagg", "PySide6")])
def test_every_key_in_a_window(lesson, display, backend, toolkit):
    pytest.importorskip(toolkit, reason=f"{toolkit} is not installed")
    run = lesson("lesson(100_000)", DISPLAY=display, MPLBACKEND=backend)
    window = Window(display, "iteration")
    for key, panels in {
        "1": "c", "2": "c", "3": "d", "4": "w", "5": "b", "6": "d", "7": "c", "8": "wb", "9": "d",
        "0": "cwbd", "6 ": "d", "Escape": "cwbd",
    }.items():  # fmt: skip
        window.key(key.strip())
        wait_for(lambda panels=panels: panels_in(window.picture()) == panels, what=f"after key {key}")
    window.key("space")
    wait_for(lambda: "paused" in window.title())
    lines = run.text().count("loss")
    before = window.still_picture()
    window.key("question")
    wait_for(lambda: (window.picture() != before).mean() > 0.005)
    window.key("question")
    wait_for(lambda: (window.picture() == before).all())
    assert run.text().count("loss") == lines, "it trained while paused"
    window.key("Right")
    wait_for(lambda: run.text().count("loss") > lines)
    window.key("space")
    wait_for(lambda: run.text().count("loss") > lines + 10)
    window.key("q")
    assert run.wait(10) == 0, run.text()
    assert re.search(r"final test accuracy: 0\.\d{4}\nmax test accuracy: 0\.\d{4}\n$", run.text())


def test_keys_work_after_the_end(lesson, display):
    run = lesson("lesson(30)", DISPLAY=display, MPLBACKEND="tkagg")
    window = Window(display, "finished")
    assert run.text().endswith("max test accuracy: 0.3600\n")
    window.key("8")
    wait_for(lambda: panels_in(window.picture()) == "wb")
    window.key("ctrl+w")
    assert run.wait(10) == 0
    assert run.text().count("max test accuracy") == 1


def test_a_window_is_no_larger_than_the_screen(lesson, small_display):
    lesson("lesson(30)", DISPLAY=small_display, MPLBACKEND="tkagg")
    window = Window(small_display, "finished")
    geometry = window.do("getwindowgeometry", "--shell", window.id)
    width, height = map(int, re.findall(r"(?:WIDTH|HEIGHT)=(\d+)", geometry))
    assert width <= 1280 and height <= 720


def test_one_window_after_another(lesson, display):
    runs = "lesson(30)\nlesson(40)\nassert threading.active_count() == 1"
    run = lesson(runs, DISPLAY=display, MPLBACKEND="tkagg")
    for iterations in 30, 40:
        Window(display, f"iteration {iterations} of {iterations} .* finished").key("q")
    assert run.wait(20) == 0, run.text()
    assert run.text().count("max test accuracy") == 2 and "Tcl" not in run.text()


def test_zooming_is_not_undone_by_the_next_frame(lesson, display):
    run = lesson("lesson(100_000)", DISPLAY=display, MPLBACKEND="tkagg")
    window = Window(display, "iteration")
    window.key("8")
    wait_for(lambda: "\n60: " in run.text())
    window.key("o")
    window.do("mousemove", "--window", window.id, "780", "340", "mousedown", "1")
    for x, y in (800, 350), (900, 400), (940, 430):  # within what is already drawn
        window.do("mousemove", "--window", window.id, str(x), str(y))
    window.do("mouseup", "1")

    def biases():
        return window.picture()[150:700, 760:1300]

    def wait_for_updates(n):
        lines = run.text().count("loss")
        wait_for(lambda: run.text().count("loss") > lines + n)

    wait_for_updates(5)
    zoomed = biases()
    wait_for_updates(30)
    assert (biases() == zoomed).all(), "the view moved"
    window.key("h")
    wait_for(lambda: (biases() != zoomed).mean() > 0.1)
    run.send_signal(signal.SIGINT)
    assert run.wait(10) == 130
    assert re.search(r"max test accuracy: 0\.\d{4}\n$", run.text())


def test_a_key_is_answered_while_long_steps_train(lesson, display):
    """A call of training_step for 10 iterations would take a second here."""
    lesson("lesson(100_000, seconds=0.1)", DISPLAY=display, MPLBACKEND="tkagg")
    window = Window(display, "iteration")
    seconds = []
    for _ in range(10):
        for status in ("paused", "keys"):
            started = time.monotonic()
            window.key("space")
            wait_for(lambda status=status: status in window.title())
            seconds.append(time.monotonic() - started)
    assert np.median(seconds) < 0.2  # two processes of xdotool are in it, and others may run


def test_a_fault_in_training_ends_the_run(lesson, display):
    run = lesson("tensorflowvisu.Record.add_test = None\nlesson(100)", DISPLAY=display, MPLBACKEND="tkagg")
    assert run.wait(20) == 1
    assert run.text().count("TypeError") == 1


def test_a_fault_in_training_is_no_result(lesson):
    for options in "text=True", "save_image='a.png'":
        run = lesson(f"lesson(100, None, {options})")
        assert run.wait(20) == 1
        assert "TypeError" in run.text() and "max test accuracy" not in run.text()


# ----------------------------------------------------------------------------------- a browser and a notebook


@pytest.fixture
def browser():
    """Chromium, without a screen."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    pytest.importorskip("tornado", reason="tornado is not installed")
    for tool in ("chromium", "chromedriver"):
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not installed")
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--window-size=1500,1000"):
        options.add_argument(argument)
    options.binary_location = shutil.which("chromium")
    started = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    yield started
    started.quit()


def test_a_browser(lesson, browser):
    from selenium.webdriver import ActionChains, Keys

    run = lesson("lesson(100_000)", DISPLAY=None, MPLBACKEND="webagg")
    address = wait_for(lambda: re.search(r"http://127\.0\.0\.1:\d+\S*", run.text())).group()
    assert "loss" not in run.text(), "it did not wait for the page"
    browser.get(address)

    def picture():
        from PIL import Image

        png = browser.get_screenshot_as_png()
        return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))

    def key(name):
        ActionChains(browser).send_keys(name).perform()

    wait_for(lambda: panels_in(picture()) == "cwbd")
    before = picture()
    wait_for(lambda: (picture() != before).any())
    ActionChains(browser).move_by_offset(500, 300).click().perform()
    key("8")
    wait_for(lambda: panels_in(picture()) == "wb")
    key(" ")
    wait_for(lambda: "paused" in browser.page_source)
    lines = run.text().count("loss")
    key(Keys.ARROW_RIGHT)
    wait_for(lambda: run.text().count("loss") > lines)

    # a browser that is busy loses what it was sent
    def black():
        return (picture().max(axis=2) == 0).sum()

    few = black()
    canvas = "document.querySelector('canvas.mpl-canvas').getContext('2d')"
    browser.execute_script(f"{canvas}.fillRect(100, 200, 300, 100)")
    assert black() >= 300 * 100
    key("?")
    key("?")
    wait_for(lambda: black() < few + 1000, "for a whole picture")
    run.send_signal(signal.SIGINT)
    assert run.wait(10) == 130
    assert "max test accuracy" in run.text()


@pytest.mark.parametrize("seconds, status", [(0.001, 0), (None, 1)], ids=["q", "a fault"])
def test_a_run_in_a_browser_ends(lesson, browser, seconds, status):
    from selenium.webdriver import ActionChains

    run = lesson(f"lesson(100_000, {seconds})", DISPLAY=None, MPLBACKEND="webagg")
    browser.get(wait_for(lambda: re.search(r"http://127\.0\.0\.1:\d+\S*", run.text())).group())
    wait_for(lambda: "loss" in run.text())
    if status == 0:
        ActionChains(browser).move_by_offset(500, 300).click().send_keys("q").perform()
    assert run.wait(20) == status
    assert ("TypeError" if status else "max test accuracy") in run.text().splitlines()[-1]


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    """Runs the cells of a notebook and returns them with their outputs."""
    nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
    pytest.importorskip("ipykernel", reason="ipykernel is not installed")
    pytest.importorskip("ipympl", reason="ipympl is not installed")
    monkeypatch.setenv("PYTHONPATH", f"{HOME}{os.pathsep}{tmp_path}")
    monkeypatch.delenv("MPLBACKEND", raising=False)
    (tmp_path / "lesson.py").write_text(LESSON)

    def run(*cells):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
        return notebook.cells

    return run


@pytest.mark.parametrize("backend", ["inline", "widget"])
def test_a_notebook(notebook, backend):
    cells = notebook(
        f"%matplotlib {backend}\nfrom lesson import *\nimport asyncio",
        "run = lesson(40)",
        "while run.record.test.length < 5:\n    await asyncio.sleep(0.01)",
        "assert run.record.train.length == 4",
    )
    data = [output["data"] for output in cells[1].outputs if output.output_type == "display_data"]
    kind = "image/png" if backend == "inline" else "application/vnd.jupyter.widget-view+json"
    assert [kind in one for one in data] == [True]


def test_two_dashboards_side_by_side(notebook):
    notebook(
        "%matplotlib widget\nfrom lesson import *\nimport asyncio, matplotlib.pyplot as plt",
        "one, two = lesson(400), lesson(600)\nfigures = [plt.figure(number) for number in plt.get_fignums()]",
        "while not (one.record.train.length and two.record.train.length):\n    await asyncio.sleep(0.01)",
        "assert one.record.train.length < 40 and two.record.train.length < 60, 'they did not run together'",
        """from matplotlib.backend_bases import KeyEvent
KeyEvent("key_press_event", figures[0].canvas, "8")._process()
visible = [[axes.get_visible() for axes in figure.axes[1:7]] for figure in figures]
assert visible == [[False] * 3 + [True] * 2 + [False], [True] * 6], visible""",
        "while one.record.iteration < 400 or two.record.iteration < 600:\n    await asyncio.sleep(0.01)",
        "assert (one.record.train.length, two.record.train.length) == (40, 60)",
    )
