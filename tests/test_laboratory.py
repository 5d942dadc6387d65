"""The laboratory as a learner uses it: with keys and the mouse, in windows and in a browser."""

import re

import pytest
from boards import button_in_window, places_in_window
from conftest import LESSONS, Starter, need_toolkit
from processes import ROOT, run, wait_for
from screens import Page, Window, at, screen

from dashboard.panels import layers, mosaics, pad, style

LABORATORY = "laboratory(1_000_000)"


@pytest.fixture(scope="module", params=["tkagg", pytest.param("qtagg", marks=pytest.mark.slow)])
def played(request, need_a_screen, tmp_path_factory):
    """One run for all tests, on a screen of its own; each leaves it training."""
    need_toolkit(request.param)
    start = Starter(tmp_path_factory.mktemp("toy"))
    with screen() as display:
        process = start(LABORATORY, DISPLAY=display, MPLBACKEND=request.param)
        window = Window(display, "iteration")
        yield process, window
        window.key("q")
        assert process.wait(10) == 0 and "rror" not in process.text(), process.text()[-2000:]
        start.end()


def wait_for_title(window, words):
    wait_for(lambda: words in window.title(), f"{words!r} in the title")


def test_the_rate_is_turned_and_the_dead_layer_is_named(played):
    process, window = played
    window.key("plus", "plus", "plus")
    wait_for(lambda: "assigned 8" in process.text(), "8 times the rate")
    wait_for_title(window, "rate ×8, dead layer: Y2")
    window.key("minus", "minus", "minus")
    wait_for(lambda: "assigned 1\n" in process.text(), "the rate as it was")
    wait_for(lambda: "rate" not in window.title(), "a title without it")


def test_back_in_time_and_on_again(played):
    process, window = played
    wait_for(lambda: "\n100: " in process.text(), "some moments")
    window.key("space")
    wait_for_title(window, "paused")
    newest = re.search(r"iteration ([\d,]+)", window.title())[1]
    window.key("Home")
    wait_for_title(window, "back in time")
    wait_for_title(window, "iteration 0 ")
    window.key("Right", "Right", "Left")
    wait_for_title(window, "iteration 10 ")
    window.key("End")
    wait_for_title(window, f"iteration {newest} ")
    lines = process.text().count("loss")
    window.key("space")
    wait_for(lambda: process.text().count("loss") > lines + 3, "more training")


def test_b_trains_on_from_the_past(played):
    """While `g` is open, which has curves of the future that is left."""
    process, window = played
    wait_for(lambda: "\n100: " in process.text(), "some moments")
    window.key("g", "space")
    wait_for_title(window, "paused")
    window.key("Home")
    wait_for_title(window, "back in time")
    starts, before = process.text().count("\n0: accuracy"), window.still_picture()
    window.key("b")
    wait_for_title(window, "branched at 0")
    wait_for(lambda: process.text().count("\n0: accuracy") == starts + 1, "the first update again")
    wait_for(lambda: (window.picture() != before).any(), "another picture")
    window.key("0")


def test_a_click_opens_the_life_of_a_digit(played):
    process, window = played
    wait_for(lambda: "\n100: " in process.text(), "some tests")
    window.key("6")
    window.wait_for_panels("d", after="key 6")
    grid = {mosaics.TestDigits: (50, 20, 10_000)}
    place = places_in_window("6", grid)[mosaics.TestDigits]
    before = window.picture()
    window.mouse(at(place, 0.5, 0.5), "click 1")
    wait_for(lambda: (window.picture() != before).mean() > 0.2, "another view")
    window.key("space")
    wait_for_title(window, "paused")
    still = window.still_picture()
    window.key("Down")
    wait_for(lambda: (window.picture() != still).any(), "the next digit")
    window.key("space", "0")


def test_a_digit_is_taught_and_forgotten(played):
    process, window = played
    window.key("d", "t", "7")
    wait_for(lambda: "taught: 7 (test accuracy:" in process.text(), "a taught digit")
    window.key("t", "t")
    wait_for(lambda: "not taught any longer (test accuracy:" in process.text(), "the end of it")
    window.key("0")


def test_every_layer_is_shown_and_can_be_clicked(played):
    process, window = played
    before = window.picture()
    window.key("l")
    wait_for(lambda: (window.picture() != before).mean() > 0.1, "another view")
    window.key("space")
    wait_for_title(window, "paused")
    place = places_in_window("l", {pad.NetworkInput: (1, 1)})[layers.Layers]
    before = window.still_picture()
    window.mouse((place[0] + 100, place[1] + 60), "click 1")
    wait_for(lambda: (window.picture() != before).any(), "what it responds to")
    window.key("space", "0")


def test_in_a_browser(toy, browser):
    process = toy(LABORATORY, DISPLAY=None, MPLBACKEND="webagg")
    page = Page(browser, process)
    page.key("+")
    wait_for(lambda: "assigned 2" in process.text(), "a rate that was turned")
    page.key("d")
    page.key("t")
    page.key("7")
    wait_for(lambda: "taught: 7" in process.text(), "a taught digit")
    page.key("l")
    page.key(" ")
    wait_for(lambda: "paused" in browser.page_source, "a pause")
    page.key("\ue012")  # the left arrow
    wait_for(lambda: "back in time" in browser.page_source, "an earlier moment")
    page.key("\ue010")  # end: the toy's test digits of earlier moments are gone
    wait_for(lambda: "back in time" not in browser.page_source, "the newest moment")
    page.key("\ue011")  # home
    wait_for(lambda: "back in time" in browser.page_source, "the first moment")
    page.finger(button_in_window("l", "b"))
    wait_for(lambda: "branched at 0" in browser.page_source, "another future")
    page.key("6")
    page.wait_for_panels("d", "6")
    place = places_in_window("6", {mosaics.TestDigits: (40, 25, 10_000)})[mosaics.TestDigits]
    right, down = at(place, 0.5, 0.5)
    before = page.picture()
    page.finger((right - style.WIDTH // 2, down - style.HEIGHT // 2))
    wait_for(lambda: (page.picture() != before).mean() > 0.2, "the life of the digit under the finger")
    page.key("q")
    assert process.wait(20) == 0 and "rror" not in process.text()


TEACH = """
import runpy, sys
import numpy as np
from dashboard.run.handwriting import Handwriting
from dashboard.screens import stage

TRIANGLE = [(0.5, 0.15), (0.85, 0.8), (0.15, 0.8), (0.5, 0.15)]

def show_run(options, run, handles, moments, report):
    pad = Handwriting()
    for start, end in zip(TRIANGLE, TRIANGLE[1:]):
        pad = pad.written(start, end)
    image = pad.network_input(None, 28, 28)
    for moment in moments():
        if moment.iteration == 100:
            print("seven:", handles.layers(image[np.newaxis], 1)[-1][0, 7])
            handles.train_set.teach(image, 7)
    print("seven:", handles.layers(image[np.newaxis], 1)[-1][0, 7])
    return 0

stage.show_run = show_run
sys.argv = [sys.argv[1], "--iterations", "300", "--data", sys.argv[2]]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.mark.slow
def test_a_shape_that_is_no_digit_is_learned_as_a_seven(digits_folder, tmp_path):
    (tmp_path / "teach.py").write_text(TEACH)
    done = run(tmp_path / "teach.py", LESSONS[2], digits_folder, PYTHONPATH=ROOT)
    before, after = (float(p) for p in re.findall(r"seven: (\S+)", done.stdout))
    assert before < 0.5 < 0.9 < after, done.stderr
