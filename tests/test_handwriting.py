"""Your own digit, the confusion matrix, the first layer: what is computed, and what a mouse does to it."""

import contextlib
import gzip
import io
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from conftest import LESSONS, ROOT, run
from test_dashboard import BLUE, HOME, RED, Window, browser, display, lesson, wait_for  # noqa: F401

import handwriting
import tensorflowvisu as visu

STROKES = {  # a hand's, (x, y) in 0..1
    1: [(0.5, 0.15), (0.5, 0.85)],
    7: [(0.25, 0.2), (0.75, 0.2), (0.45, 0.85)],
    3: [(0.3, 0.2), (0.5, 0.13), (0.68, 0.25), (0.6, 0.42), (0.45, 0.48), (0.62, 0.52), (0.72, 0.68),
        (0.55, 0.85), (0.3, 0.8)],
    8: [(0.5, 0.5), (0.33, 0.35), (0.38, 0.18), (0.5, 0.13), (0.65, 0.2), (0.66, 0.35), (0.5, 0.5),
        (0.32, 0.62), (0.32, 0.8), (0.5, 0.88), (0.68, 0.8), (0.68, 0.62), (0.5, 0.5)],
}  # fmt: skip


def places(view, grids):
    """Where its panels are in a window of 1344x756: (left, top, width, height) in pixels from above."""
    letter = visu.EM * (visu.LARGER if len(view) < 3 or "pad" in view else 1)
    below = int(visu.HEIGHT - visu.HEADER * visu.EM)
    found = visu.layout(visu.WIDTH, below, view, letter, grids)
    return {panel: (x, visu.HEIGHT - y - h, w, h) for panel, (_, (x, y, w, h)) in found.items()}


D = places(visu.VIEWS["d"], {"pad": (1, 1, 1), "input": (1, 1, 1)})
M = places(visu.VIEWS["m"], {"matrix": (10, 10, 100), "cell": (6, 6, 36)})


def at(panel, x, y):
    left, top, width, height = panel
    return round(left + x * width), round(top + y * height)


def part(picture, panel):
    left, top, width, height = panel
    return picture[top : top + height, left : left + width]


def answer(picture):
    """The digit with the longest bar."""
    blue = (part(picture, D["bars"]) == BLUE).all(axis=2).sum(axis=1)
    lengths = [rows.sum() for rows in np.array_split(blue, 10)]
    return int(np.argmax(lengths)) if max(lengths) > 1000 else None


# --------------------------------------------------------------------------------------------- the centring


def test_a_mnist_digit_comes_out_as_it_went_in(mnist_folder):
    data = gzip.decompress((mnist_folder / "t10k-images-idx3-ubyte.gz").read_bytes())
    digits = np.frombuffer(data, np.uint8, offset=16).reshape(-1, 28, 28)[:1000] / np.float32(255)
    for digit in digits:
        pad = handwriting.Pad()
        pad.print(digit)
        assert np.allclose(pad.picture(), digit, atol=0.01)


def test_wherever_and_however_large_it_is_written_it_comes_out_within_a_pixel(digits):
    random = np.random.default_rng(0)
    for digit in digits[2][:100] / np.float32(255):
        size = random.integers(90, 200)
        left, top = random.integers(0, handwriting.PAD - size, 2)
        ink = np.zeros((handwriting.PAD, handwriting.PAD), np.float32)
        ink[top : top + size, left : left + size] = handwriting.resize(digit, size, size)
        expected, found = (handwriting.centred(picture) for picture in (digit, ink))
        shifted = [np.roll(found, (i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1)]
        assert min(abs(picture - expected).mean() for picture in shifted) < 0.03


def test_an_empty_pad_a_dot_and_a_stroke_beyond_the_edge():
    pad = handwriting.Pad()
    assert not pad.picture().any()
    pad.write((0.1, 0.1), (0.1, 0.1))
    assert pad.picture()[14, 14] == 1
    pad.write((-0.5, 0.5), (1.5, 0.5))
    pad.centring = False
    assert pad.picture()[14].all() and not pad.picture()[20:].any()
    pad.clear()
    assert not pad.picture().any()


def test_the_first_stroke_takes_the_test_digit_away():
    pad = handwriting.Pad()
    pad.print(np.ones((28, 28), np.float32))
    pad.write((0.5, 0.5), (0.5, 0.5))
    assert pad.ink.mean() < 0.01 and pad.touched


# -------------------------------------------------------------------- the confusion matrix, the first layer


def test_the_matrix_counts_and_names_the_worst():
    right, given = np.array([0, 0, 1, 1, 1, 2, 2]), np.array([0, 0, 2, 2, 1, 1, 2])
    matrix = visu.confusion(right, given, 3)
    assert matrix.tolist() == [[2, 0, 0], [0, 1, 2], [0, 1, 1]]
    assert visu.worst_pairs(matrix, 3) == [(1, 2), (2, 1)]
    assert visu.digits_of(right, given, 1, 2).tolist() == [2, 3]


@pytest.mark.parametrize("patch", [(6, 6), (5, 5), (4, 3)])
def test_the_answers_of_a_convolution_are_tensorflows(patch):
    import tensorflow as tf

    random = np.random.default_rng(0)
    W = random.normal(size=[*patch, 1, 7]).astype(np.float32)
    B, X = random.normal(size=7).astype(np.float32), random.random([1, 28, 28, 1], np.float32)
    expected = tf.nn.relu(tf.nn.conv2d(X, W, strides=1, padding="SAME") + B)[0]
    found = visu.answers(*visu.first_layer([W], [B]), X[0, ..., 0])
    assert np.allclose(found.transpose(1, 2, 0), expected, atol=1e-4)


def test_the_answers_of_a_dense_layer_add_up_to_its_sums():
    random = np.random.default_rng(0)
    W, B, X = random.normal(size=[784, 7]), random.normal(size=7), random.random([28, 28])
    weights, biases, convolution = visu.first_layer([W], [B])
    sums = visu.answers(weights, biases, convolution, X).sum(axis=(1, 2)) + biases
    assert np.allclose(sums, X.reshape(1, 784) @ W + B)


@pytest.mark.parametrize("shape", [(100, 7), (3, 3, 3, 7), (784,)])
def test_other_first_layers_are_not_shown(shape):
    assert visu.first_layer([np.zeros(shape)], [np.zeros(7)]) is None


def test_the_strongest_keep_their_places():
    images = np.array([1, 5, 0, 4, 3])[:, None, None] * np.ones((5, 2, 2))
    assert visu.strongest(images, 3) == [1, 3, 4]
    assert visu.keep_places([], [1, 3, 4]) == [1, 3, 4]
    assert visu.keep_places([1, 3, 4], [0, 1, 4]) == [1, 0, 4]


def test_tiles_are_blue_below_zero_and_red_above():
    picture = visu.tiles(np.array([-1.0, 0, 1])[:, None, None], 2, 2, 40)
    assert [picture[y, x].tolist()[:3] for y, x in ((20, 20), (20, 60), (60, 20), (60, 60))] == [
        list(BLUE), [255] * 3, list(RED), [255] * 3,
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------- a real network


@pytest.fixture(scope="module")
def networks(mnist_or_built_in, tmp_path_factory):
    """Lesson 3.1 after a short run, saved, and its matrix as a picture."""
    folder = tmp_path_factory.mktemp("networks")
    done = run(
        LESSONS[-1], "--iterations", 400, "--save-network", folder / "3.1",
        "--view", "m", "--save-image", folder / "m.png", **mnist_or_built_in,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


@contextlib.contextmanager
def comparison(folder, output, **environment):
    """`python tensorflowvisu.py FOLDER`, as a learner would start it."""
    with open(output, "w") as file:
        process = subprocess.Popen(
            [sys.executable, "-u", HOME / "tensorflowvisu.py", folder],
            env={**os.environ, **environment}, stdout=file, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_written_digit_is_read_in_a_window(networks, display, tmp_path):  # noqa: F811
    with comparison(networks / "3.1", tmp_path / "out", DISPLAY=display, MPLBACKEND="tkagg") as process:
        window = Window(display, "tensorflowvisu")
        for digit, stroke in STROKES.items():
            moves = [word for x, y in by_hand(stroke) for word in move(window, D["pad"], x, y)]
            window.do(*move(window, D["pad"], *stroke[0]), "mousedown", "1", *moves, "mouseup", "1")
            wait_for(lambda digit=digit: answer(window.picture()) == digit, f"for {digit}")
            window.do(*move(window, D["pad"], 0.5, 0.5), "click", "3")
            wait_for(lambda: not ink(window.picture()))
        before = part(window.still_picture(), D["input"])
        window.do(*move(window, D["pad"], 0.1, 0.1), "click", "1")
        wait_for(lambda: ink(window.picture()))
        centred = part(window.still_picture(), D["input"])
        window.key("c")
        wait_for(lambda: (part(window.picture(), D["input"]) != centred).any())
        window.key("BackSpace")
        wait_for(lambda: not ink(window.picture()))
        window.key("c")
        wait_for(lambda: (part(window.picture(), D["input"]) == before).all())
        window.key("q")
        assert process.wait(10) == 0, (tmp_path / "out").read_text()


def by_hand(stroke):
    """A hand does not leap: where a busy window misses a few places of the mouse, little is lost."""
    steps = np.linspace(0, 1, 5)[1:]
    for start, end in zip(stroke, stroke[1:]):
        yield from np.array(start) + steps[:, None] * (np.array(end) - start)


def move(window, panel, x, y):
    x, y = at(panel, x, y)
    return "mousemove", "--window", window.id, str(x), str(y), "sleep", "0.02"


def ink(picture):
    return (part(picture, D["pad"]) < 100).any()


def test_a_written_digit_is_read_in_a_browser(networks, browser, tmp_path):  # noqa: F811
    from PIL import Image
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.actions.action_builder import ActionBuilder
    from selenium.webdriver.common.actions.pointer_input import PointerInput

    out = tmp_path / "out"
    with comparison(networks / "3.1", out, MPLBACKEND="webagg"):
        address = wait_for(lambda: re.search(r"http://127\.0\.0\.1:\d+\S*", out.read_text())).group()
        browser.get(address)
        canvas = wait_for(lambda: browser.find_elements("css selector", "canvas.mpl-canvas"))[0]

        def picture():
            return np.asarray(Image.open(io.BytesIO(canvas.screenshot_as_png)).convert("RGB"))

        wait_for(lambda: picture().shape == (visu.HEIGHT, visu.WIDTH, 3), "for the page", 60)
        for digit, stroke in STROKES.items():
            hand = ActionChains(browser, duration=20)
            for k, (x, y) in enumerate(stroke):
                right, down = at(D["pad"], x, y)
                hand.move_to_element_with_offset(canvas, right - visu.WIDTH // 2, down - visu.HEIGHT // 2)
                if k == 0:
                    hand.click_and_hold()
            hand.release().perform()
            wait_for(lambda digit=digit: answer(picture()) == digit, f"for {digit}", 60)
            ActionChains(browser).context_click().perform()
            wait_for(lambda: not ink(picture()), "for paper", 60)

        finger = ActionBuilder(browser, mouse=PointerInput("touch", "finger"), duration=20)
        for k, (x, y) in enumerate(STROKES[7]):
            right, down = at(D["pad"], x, y)
            offset = right - visu.WIDTH // 2, down - visu.HEIGHT // 2
            finger.pointer_action.move_to(canvas, *offset)
            if k == 0:
                finger.pointer_action.pointer_down()
        finger.pointer_action.pointer_up()
        finger.perform()
        wait_for(lambda: answer(picture()) == 7, "for the finger's 7", 60)


def test_without_predict_d_says_how_and_the_others_work(lesson, tmp_path):  # noqa: F811
    call = "for view in 'dmw': lesson(30, 0, save_image=Path(view + '.png'), view=view)"
    done = lesson(call, DISPLAY=None)
    assert done.wait(60) == 0, done.text()
    assert "predict" in visu.NO_PREDICT and (tmp_path / "d.png").exists()


def test_a_click_fills_in_the_digits_of_a_cell(lesson, display):  # noqa: F811
    process = lesson("lesson(30)", DISPLAY=display, MPLBACKEND="tkagg")
    window = Window(display, "finished")
    window.key("m")
    red = wait_for(lambda: int((part(window.picture(), M["cell"]) == RED).all(axis=2).sum()))
    window.do(*move(window, M["matrix"], 0.25, 0.25), "click", "1")  # the twos that are taken for twos
    wait_for(lambda: not (part(window.picture(), M["cell"]) == RED).all(axis=2).any())
    window.do(*move(window, M["matrix"], 0.35, 0.25), "click", "1")  # taken for threes
    wait_for(lambda: (part(window.picture(), M["cell"]) == RED).all(axis=2).sum() > red / 2)
    window.key("q")
    assert process.wait(10) == 0


def test_the_cell_holds_exactly_its_digits_and_the_matrix_all():
    record, random = visu.Record(10), np.random.default_rng(0)
    X, right, given = random.random([10_000, 28, 28, 1]), *random.integers(0, 10, [2, 10_000])
    record.add_test(0, 0.1, 1, None, (X, right, given, 10))
    counts = visu.confusion(right, given, 10)
    assert counts.sum() == 10_000 and np.trace(counts) == (right == given).sum()
    record.choose(3, 5)
    record.choose(3, 10)  # a click beside the cells: zoomed out, there is such a place
    record.choose(-1, 5)
    images, r, g, _ = record.cell_digits(1000)
    k = np.flatnonzero((right == 3) & (given == 5))
    assert (images == X[k, ..., 0]).all() and (r == 3).all() and (g == 5).all()


def test_the_matrix_matches_the_accuracy_printed(digits_folder):
    code = """
import tensorflowvisu, runpy, sys, numpy as np
first, records = tensorflowvisu.Record.add_test, []
tensorflowvisu.Record.add_test = lambda self, *a: (first(self, *a), records.append(self))
sys.argv = ["x", "--iterations", "20", "--view", "m", "--save-image", sys.argv[2], "--data", sys.argv[1]]
runpy.run_path("mnist_1.0_softmax.py")
counts = tensorflowvisu.confusion(*records[-1].answers[1:])
print(counts.sum(), f"final test accuracy: {np.trace(counts) / counts.sum():.4f}")
"""
    done = run("-c", code, digits_folder, digits_folder / "m.png")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[-1] == f"1000 {lines[-3]}"


OTHER_NETWORK = """
import sys, tensorflowvisu
tensorflowvisu.start_tensorflow()
import tensorflow as tf
tf.saved_model.save(tf.Module(), sys.argv[1])
"""


def test_what_is_no_saved_network_is_one_line(tmp_path):
    done = run("-c", OTHER_NETWORK, tmp_path / "other")
    assert done.returncode == 0, done.stderr
    done = run(ROOT / "tensorflowvisu.py", tmp_path / "other", MPLBACKEND="webagg")
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "--save-network" in done.stderr
    done = run(ROOT / "tensorflowvisu.py", tmp_path)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "--save-network" in done.stderr
    done = run(LESSONS[0], "--text", "--save-network", ROOT)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "--save-network" in done.stderr
