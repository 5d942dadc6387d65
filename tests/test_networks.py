"""networks: saved ones, side by side, and digits that a hand writes for them."""

import time

import numpy as np
import pytest
import toy
from boards import places_in_window
from conftest import LESSONS
from processes import ROOT, run, start, wait_for
from screens import INK, Page, Window, at, count, part

from dashboard import networks
from dashboard.panels import bars, pad, style
from dashboard.run.images import SHAPE

DOOR = ROOT / "tensorflowvisu.py"
LESSON = LESSONS[2]  # the quickest that reads the strokes below
STROKES = {  # a hand's, (x, y) in 0..1
    1: [(0.5, 0.15), (0.5, 0.85)],
    7: [(0.25, 0.2), (0.75, 0.2), (0.45, 0.85)],
    3: [(0.3, 0.2), (0.5, 0.13), (0.68, 0.25), (0.6, 0.42), (0.45, 0.48), (0.62, 0.52), (0.72, 0.68),
        (0.55, 0.85), (0.3, 0.8)],
    8: [(0.5, 0.5), (0.33, 0.35), (0.38, 0.18), (0.5, 0.13), (0.65, 0.2), (0.66, 0.35), (0.5, 0.5),
        (0.32, 0.62), (0.32, 0.8), (0.5, 0.88), (0.68, 0.8), (0.68, 0.62), (0.5, 0.5)],
}  # fmt: skip
PLACES = places_in_window("d", {pad.Pad: (1, 1), pad.NetworkInput: (1, 1)}, training=False)
PAD, INPUT, BARS = PLACES[pad.Pad], PLACES[pad.NetworkInput], PLACES[bars.Probabilities]


def answer(picture):
    """The digit with the longest bar."""
    rows = np.array_split(part(picture, BARS), 10)
    lengths = [count(row, INK) for row in rows]
    return int(np.argmax(lengths)) if max(lengths) > 1000 else None


def ink(picture):
    return (part(picture, PAD) < 100).any()


def by_hand(stroke):
    """A hand does not leap: where a busy window misses a few places of the mouse, little is lost."""
    steps = np.linspace(0, 1, 5)[1:]
    for here, there in zip(stroke, stroke[1:]):
        for x, y in np.array(here) + steps[:, None] * (np.array(there) - here):
            yield at(PAD, x, y)


def is_read(window, digit):
    """Written, and cleared again: a busy window may miss so much of the mouse that one has to write anew."""
    stroke = STROKES[digit]
    window.mouse(at(PAD, *stroke[0]), "mousedown 1", *by_hand(stroke), "mouseup 1")
    deadline = time.monotonic() + 10
    while not (found := answer(window.picture()) == digit) and time.monotonic() < deadline:
        time.sleep(0.05)
    window.mouse(at(PAD, 0.5, 0.5), "click 3")
    wait_for(lambda: not ink(window.picture()), "paper")
    return found


@pytest.fixture(scope="module")
def network(learned):
    """The folder of a lesson's network after a short run."""
    return learned.network(LESSON)


@pytest.fixture
def comparison(tmp_path):
    """Starts `python tensorflowvisu.py FOLDER`, as a learner would."""
    started = []

    def compare(*folders, **environment):
        words = tmp_path / "words"
        with words.open("w") as output:
            process = start("-u", DOOR, *folders, stdout=output, stderr=output, **environment)
        process.text = words.read_text
        started.append(process)
        return process

    yield compare
    for process in started:
        process.kill()
        process.wait()


@pytest.mark.slow
def test_a_written_digit_is_read_in_a_window(network, display, comparison):
    process = comparison(network, DISPLAY=display, MPLBACKEND="tkagg")
    window = Window(display, "Write a digit")
    for digit in STROKES:
        wait_for(lambda digit=digit: is_read(window, digit), f"a {digit}")
    before = part(window.still_picture(), INPUT)
    window.mouse(at(PAD, 0.1, 0.1), "click 1")
    wait_for(lambda: ink(window.picture()), "ink")
    centred = part(window.still_picture(), INPUT)
    window.key("c")
    wait_for(lambda: (part(window.picture(), INPUT) != centred).any(), "a dot that is not centred")
    window.key("BackSpace")
    wait_for(lambda: not ink(window.picture()), "paper")
    window.key("c")
    wait_for(lambda: (part(window.picture(), INPUT) == before).all(), "an empty picture")
    window.key("q")
    assert process.wait(10) == 0 and process.text() == ""


def test_a_written_digit_is_read_in_a_browser(network, browser, comparison):
    from selenium.webdriver import ActionChains

    page = Page(browser, comparison(network, network, MPLBACKEND="webagg", DISPLAY=None))
    size = style.HEIGHT, style.WIDTH, 3
    wait_for(lambda: page.picture().shape == size, "the whole page")

    def offset(place):
        """From the middle of the picture."""
        right, down = at(PAD, *place)
        return right - style.WIDTH // 2, down - style.HEIGHT // 2

    for digit in 1, 3:
        hand = ActionChains(browser, duration=20)
        for k, place in enumerate(STROKES[digit]):
            hand.move_to_element_with_offset(page.canvas, *offset(place))
            if k == 0:
                hand.click_and_hold()
        hand.release().perform()
        wait_for(lambda digit=digit: answer(page.picture()) == digit, f"a {digit}")
        ActionChains(browser).context_click().perform()
        wait_for(lambda: not ink(page.picture()), "paper")

    page.finger(*(offset(place) for place in STROKES[7]))
    wait_for(lambda: answer(page.picture()) == 7, "the finger's 7")


def test_where_it_is_saved_is_said(network, learned):
    assert f"The network is in {network}.\n" in learned.finish(LESSON).stdout


# ------------------------------------------------------------------------------------------- what goes wrong


def refused(capsys, *folders):
    """The one line that these folders end with."""
    with pytest.raises(SystemExit, match="2"):
        networks.compare(list(map(str, folders)))
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_what_is_no_saved_network_is_one_line(tmp_path, capsys):
    assert "--save-network" in refused(capsys, tmp_path)
    assert "--save-network" in refused(capsys, tmp_path / "nothing")
    (tmp_path / "saved_model.pb").touch()
    assert "4 networks at most" in refused(capsys, *[tmp_path] * 5)


@pytest.fixture
def with_a_screen(monkeypatch):
    """One that is never shown."""
    monkeypatch.setattr(networks.stage, "open_screen", lambda: None)


def test_a_damaged_network_is_one_line(tmp_path, capsys, with_a_screen):
    (tmp_path / "saved_model.pb").write_bytes(b"damaged")
    assert "the network cannot be loaded" in refused(capsys, tmp_path)


def test_another_kind_of_network_is_one_line(tmp_path, capsys, with_a_screen):
    tf = networks.startup.start_tensorflow()
    tf.saved_model.save(tf.Module(), str(tmp_path))
    assert "--save-network" in refused(capsys, tmp_path)


def test_without_a_display_it_says_so_before_tensorflow_starts(tmp_path):
    """There is no text that would do instead."""
    (tmp_path / "saved_model.pb").touch()
    (tmp_path / "tensorflow.py").write_text("raise SystemExit('TensorFlow was started')")
    hidden = {"DISPLAY": None, "WAYLAND_DISPLAY": None, "MPLBACKEND": None, "PYTHONPATH": tmp_path}
    done = run(DOOR, tmp_path, **hidden)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1 and "MPLBACKEND=webagg" in done.stderr
    assert "text" not in done.stderr


@pytest.mark.parametrize("error", [ZeroDivisionError("division\nby zero"), KeyboardInterrupt()])
def test_a_network_that_cannot_be_saved_costs_no_results(monkeypatch, capsys, error):
    def save(*_):
        raise error

    monkeypatch.setattr(networks, "save", save)
    with pytest.raises(SystemExit) as end:
        toy.lesson(60, 0, predict=len, text=True, save_network="folder")
    assert end.value.code == 1
    out, err = capsys.readouterr()
    said = " ".join(str(error).split()) or "KeyboardInterrupt"
    assert err == f"The network is not saved in folder: {said}\n"
    assert out.splitlines()[-1].startswith("max test accuracy")


def test_a_network_that_is_not_saved_leaves_no_folder(tmp_path, monkeypatch):
    tf = networks.startup.start_tensorflow()

    def save_a_part(module, folder):
        tf.io.gfile.makedirs(folder)
        raise OSError("No space left on device")

    monkeypatch.setattr(tf.saved_model, "save", save_a_part)
    with pytest.raises(OSError):
        networks.save(lambda X: tf.zeros([len(X), 10]), tmp_path / "folder", SHAPE)
    assert list(tmp_path.iterdir()) == []
