"""docs/backpropagation.md: its programs print what it says, and its gradients by hand are the tape's."""

import contextlib
import io
import re

import numpy as np
import pytest
from processes import ROOT
from test_drawings import read, words_in
from test_lessons import run_here, untrained

from docs.make import edits

PAGE = (ROOT / "docs" / "backpropagation.md").read_text("utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```\n(.*?)(?=^```|^##|\Z)", PAGE, re.DOTALL | re.MULTILINE)
BY_HAND = {"1.0_by_hand": "1.0", "2.0_by_hand": "2.0", "2.1_by_hand": "2.1"}


def printed(program):
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(program, {})
    return output.getvalue()


@pytest.mark.parametrize("program, after", PROGRAMS)
def test_its_programs_print_what_stands_below_them(program, after):
    shown = re.search(r"(?:^ {4}.*\n)+", after, re.MULTILINE)[0]
    assert printed(program).splitlines() == [line[4:] for line in shown.splitlines()]


def test_its_figures_are_the_programs():
    """Those with a decimal point, up to the lessons' code: each is printed by a program, or stands in one."""
    by_pencil = PAGE[: PAGE.index("## In the code")]
    told = re.sub(r"```.*?```|^ {4}.*?$|\]\(.*?\)", "", by_pencil, flags=re.DOTALL | re.MULTILINE)
    told = re.sub(r"[Ll]esson \d\.\d|\b\d\.\d One layer|\d\.\d Five layers", "", told)
    known = "".join(program + printed(program) for program, _ in PROGRAMS)
    values = [abs(float(value)) for value in re.findall(r"\d+\.\d+", known)]
    assert len(values) > 60
    rough = {0.20, 0.0020, 0.01, 0.4}  # the slope in short, the two losses' difference, the step, the sum
    for figure in re.findall(r"\d+\.\d+", told):
        assert float(figure) in rough or float(figure) in values, figure


def test_the_drawing_has_the_numbers_of_the_page():
    *_, (program, _) = PROGRAMS
    names = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(program, names)
    drawn = words_in(read(ROOT / "docs" / "drawings" / "backpropagation.svg"))
    told = [text.split()[-1].replace("−", "-") for text in drawn]
    for name in "W1", "W2", "dW1", "dW2", "Y1", "Y", "D1", "D2":
        for value in names[name].ravel() + 0:
            told.remove(f"{value:.{1 if name[0] == 'W' else 2}f}")


@pytest.fixture(scope="module", params=BY_HAND)
def both(request, digits_folder, tmp_path_factory):
    """The names of a lesson and of its copy by hand, before the first iteration, with the same weights."""
    import tensorflow as tf

    path = tmp_path_factory.mktemp("copy") / f"my_{request.param}.py"
    path.write_text(edits.exercises()[request.param].script, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tf.config, "list_physical_devices", lambda kind: [kind])  # no XLA: it takes seconds
        lesson = untrained(edits.LESSONS[BY_HAND[request.param]], digits_folder)
        copy = untrained(path, digits_folder)
    random = np.random.default_rng(0)
    for ours, theirs in zip(lesson["weights"] + lesson["biases"], copy["weights"] + copy["biases"]):
        ours.assign_add(random.normal(0, 0.05, ours.shape).astype(np.float32))  # 1.0 starts at 0
        theirs.assign(ours)
    return lesson, copy


@pytest.mark.parametrize("images", [100, 37])
def test_a_gradient_by_hand_is_the_tapes(both, images):
    """Whatever the number of images: the view `g` asks for a thousand."""
    random = np.random.default_rng(images)
    X = random.random([images, 28, 28, 1], np.float32)
    Y_ = np.eye(10, dtype=np.float32)[random.integers(0, 10, images)]
    tapes, ours = (names["gradient"](X, Y_) for names in both)
    assert len(tapes) == len(ours)
    for tape, own in zip(tapes, ours):
        assert tape.shape == own.shape and np.asarray(tape).any()
        size = np.sqrt(np.mean(np.square(tape)))
        np.testing.assert_allclose(own, tape, rtol=1e-4, atol=1e-4 * size)


def test_trained_by_hand_it_learns_the_same(both):
    """Its loop compiled, for 20 iterations."""
    lesson, copy = both
    before = [V.numpy() for V in lesson["weights"]]
    for names in both:
        names["train"](*names["mnist"].train.next_batches(20, 100))
    for start, ours, theirs in zip(before, lesson["weights"], copy["weights"]):
        moved = np.abs(ours.numpy() - start)
        assert moved.max() > 0.001
        assert np.abs(theirs.numpy() - ours.numpy()).mean() < 0.01 * moved.mean()


@pytest.mark.parametrize("name", ["2.0_shrink", "2.1_shrink"])
def test_the_sizes_of_the_slopes_are_those_it_prints(name, mnist_folder, tmp_path, capfd):
    path = tmp_path / f"my_{name}.py"
    path.write_text(edits.exercises()[name].script, "utf-8")
    run_here(path, mnist_folder, iterations=1)
    sizes = [float(size) for size in re.findall(r"size of D (\S+)", capfd.readouterr().err)]
    row = re.findall(r"^\| size of `D` \| (.*) \|$", PAGE, re.MULTILINE)[name == "2.1_shrink"]
    assert sizes == pytest.approx([float(cell) for cell in row.split("|")], rel=0.01)
    left = float(f"{sizes[0] / sizes[-1]:.2g}")
    assert f"1/{left:,.0f}" in PAGE
