"""The lessons, trained for a while: they learn, and their networks read digits, on a page and by hand."""

import base64
import functools
import shutil
import time

import numpy as np
import pytest
from boards import places_in_window
from conftest import LESSONS, find_mnist, idx
from processes import ROOT, run, start, wait_for
from screens import INK, Opened, Page, Window, at, count, part

import mnistdata
from dashboard import comparison, networks
from dashboard.panels import bars, pad, style

ITERATIONS = {"1.0": 500, "2.0": 500, "2.1": 500, "2.2": 500, "3.0": 150, "3.1": 150}  # enough to learn
# accuracies that every run seen has passed by far
FLOORS = {"1.0": 0.87, "2.0": 0.88, "2.1": 0.92, "2.2": 0.91, "3.0": 0.92, "3.1": 0.92}
QUICK = "1.0", "2.1"
TRAINED, TESTED = 20_000, 1000  # digits: to test on all 10,000 would take most of the time


@pytest.fixture(scope="module")
def some_digits(tmp_path_factory):
    """A folder with some of MNIST's digits where it is at hand, else of the built-in ones."""
    folder = tmp_path_factory.mktemp("digits")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mnistdata, "cache_folder", lambda: None)
        arrays = mnistdata.load(find_mnist() or "synthetic")
    for name, array, n in zip(mnistdata.FILES, arrays, (TRAINED, TRAINED, TESTED, TESTED)):
        (folder / name).write_bytes(idx(array[:n]))
    return folder


@pytest.fixture(scope="module")
def learned(some_digits, tmp_path_factory):
    """What a lesson has printed, and the folder of its network: each is trained once."""

    @functools.cache
    def learn(number):
        folder = tmp_path_factory.mktemp("learned") / number
        (lesson,) = (path for path in LESSONS if path.name[6:9] == number)
        asked = "--text", "--iterations", ITERATIONS[number], "--save-network", folder
        done = run(lesson, *asked, MNIST_DATA=some_digits)
        assert done.returncode == 0, done.stderr
        return done.stdout, folder

    return learn


@pytest.mark.parametrize(
    "number",
    [pytest.param(number, marks=[pytest.mark.slow] * (number not in QUICK)) for number in ITERATIONS],
)
def test_it_learns(number, learned):
    printed, folder = learned(number)
    lines = printed.splitlines()
    assert f"The network is in {folder}." in lines
    final, best = (float(line.split(": ")[1]) for line in lines[-2:])
    assert lines[-2].startswith("final test accuracy: 0.") and lines[-1].startswith("max test accuracy: 0.")
    assert FLOORS[number] < final <= best


@pytest.mark.parametrize("number", ITERATIONS)
def test_its_network_answers_on_a_page_as_in_tensorflow(number, learned, some_digits, browser, tmp_path):
    """All test digits, through 16 bits; a page without a run."""
    (_, folder), path = learned(number), tmp_path / "two.html"
    other = shutil.copytree(folder, tmp_path / "other" / number)  # of the same name, and not the same
    assert comparison.compare([str(folder), str(other), "--save-page", str(path)]) == 0
    functions, _ = networks.load({"": folder})
    images = mnistdata.read_data_sets(some_digits).test.images
    shown = Opened(browser, path)
    found = shown.run(
        """const bytes = Uint8Array.from(atob(arguments[0]), letter => letter.charCodeAt(0))
        const digits = Array.from({length: bytes.length / 784}, (_, k) => bytes.slice(784 * k, 784 * (k + 1)))
        return digits.map(digit => window.network(Float32Array.from(digit, byte => byte / 255)))""",
        base64.b64encode(np.rint(255 * images).astype(np.uint8)).decode(),
    )
    difference = np.abs(np.array(found) - functions[""](images)).max()
    print(f"{number}: {difference:.6f}")
    assert difference < 0.001 and not shown.faults()
    assert shown.run("return page.networks.length") == 2
    assert shown.text("answer-note") == "" and " %" not in shown.text("answer"), "nothing is written"


# ------------------------------------------------------------------------------------ digits written by hand


LESSON = "2.1"  # the quickest that reads the strokes below
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


@pytest.fixture
def side_by_side(tmp_path):
    """Starts `python tensorflowvisu.py FOLDER`, as a learner would."""
    started = []

    def compare(*folders, **environment):
        words = tmp_path / "words"
        with words.open("w") as output:
            process = start(
                "-u", ROOT / "tensorflowvisu.py", *folders, stdout=output, stderr=output, **environment
            )
        process.text = words.read_text
        started.append(process)
        return process

    yield compare
    for process in started:
        process.kill()
        process.wait()


@pytest.mark.slow
def test_a_written_digit_is_read_in_a_window(learned, display, side_by_side):
    _, network = learned(LESSON)
    process = side_by_side(network, DISPLAY=display, MPLBACKEND="tkagg")
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


def test_a_written_digit_is_read_in_a_browser(learned, browser, side_by_side):
    from selenium.webdriver import ActionChains

    _, network = learned(LESSON)
    page = Page(browser, side_by_side(network, network, MPLBACKEND="webagg", DISPLAY=None))
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
