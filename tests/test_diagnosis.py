"""diagnosis: what is said of the runs of the course, which were recorded, and the list in README.md.

The curves in curves.tar.xz were made on MNIST by `python docs/make/measure.py --keep FOLDER`: NAME-SEED.csv.
"""

import csv
import io
import re
import tarfile

import numpy as np
import pytest
import toy
from processes import ROOT

from dashboard.run import diagnosis
from dashboard.run.run import Run
from dashboard.run.updates import Moment

with tarfile.open(ROOT / "tests" / "curves.tar.xz") as archive:
    CURVES = {member.name[:-4]: archive.extractfile(member).read().decode() for member in archive}
TOLD = {  # at the end; of the runs that are not named here: nothing
    "network too small": (
        "1.0 1.0_count 1.0_sums 1.0_random 1.0_squared 1.0_longer 2.0_linear "
        "2.0_zeros"  # whose neurons stay alike
    ),
    "NaN": "1.0_fast 2.0_relu",
    "rate too low": "1.0_slow",
    "vanishing gradient": "2.0_plain 2.0_plain_0.03 2.0_plain_0.1",  # of 2.0 itself, only `gradient` tells it
    "rate too high": "2.0 2.1_constant 2.1_rate_0.02",
    "still learning": "2.0_two 2.1_slow",
    "knows nothing": "2.1_rate_0.1",
    "overfitting": (
        "2.1 2.1_few 2.1_biases_0 2.1_leaky 2.2_few 2.2_last "
        "3.0 3.0_small 3.0_pooling 3.0_shuffled 3.1_small 3.1_large"
    ),
}
EXPECTED = {name: symptom for symptom, names in TOLD.items() for name in names.split()}
LESSONS = "1.0", "2.0", "2.1", "2.2", "3.0", "3.1"


def replayed(curves):
    """The name of each test's diagnosis; that of the end is the last."""
    rows = list(csv.reader(io.StringIO(curves)))[1:]
    run = Run(int(rows[-1][0]))
    for i, accuracy, loss, test_accuracy, test_loss, rate in (
        [float(x or "nan") for x in row] for row in rows
    ):
        if not np.isnan(accuracy):
            run.train.add(i, accuracy, loss, rate)
        run.moments = [Moment(int(i))]
        if not np.isnan(test_accuracy):
            run.test.add(i, test_accuracy, test_loss)
            found = diagnosis.diagnose(run)
            yield found and found[0].name


@pytest.mark.parametrize("name", CURVES)
def test_a_run_is_told_what_is_wrong_with_it_and_nothing_else(name):
    *before, at_end = replayed(CURVES[name])
    exercise, _ = name.rsplit("-", 1)
    assert at_end == EXPECTED.get(exercise)
    if exercise in LESSONS:
        allowed = {None, "overfitting"} if at_end == "overfitting" else {None}
        assert set(before) <= allowed, "a healthy run is never accused"


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_that_ends_early_has_no_rate_that_is_too_low(lesson):
    rows = CURVES[f"{lesson}-0"].splitlines()
    for end in 100, 300, 500, 1000:
        short = [row for row in rows[1:] if int(row.split(",")[0]) <= end]
        *_, at_end = replayed("\n".join([rows[0], *short]))
        assert at_end != "rate too low", end


def test_the_six_lessons_are_there_with_three_seeds():
    assert {f"{lesson}-{seed}" for lesson in LESSONS for seed in range(3)} <= set(CURVES)


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_what_helps_against_what_is_the_same_list(readme):
    page = (ROOT / readme).read_text("utf-8")
    rows = re.findall(r"^\| .*\*\*(.+?)\*\*.* \| \[(\S+?)\]\(\S+lesson_\S+ \|$", page, re.MULTILINE)
    assert sorted(rows) == sorted((symptom.name, symptom.lesson) for symptom in diagnosis.SYMPTOMS)


def test_the_gradient_tells_that_it_vanishes():
    run = toy.finished(50)
    for sizes, told in (
        ([2.7e-4, 1.1], True),
        ([0.026, 0.6], False),
        ([0.0, 1.0], False),
        ([np.nan, 1.0], False),
    ):
        run.gradients = run.gradients.with_row(0, sizes)
        assert (
            diagnosis.told(run, list).startswith("vanishing gradient: W1 gets 4,100 times less than W2")
            == told
        )
        run.gradients.length = 0


def test_dead_layers_are_asked_for_only_where_they_may_be():
    run = toy.finished(200)
    assert diagnosis.told(run, lambda: pytest.fail("asked")) == ""
    run.turns[0] = 8
    assert diagnosis.told(run, lambda: ["Y1", "Y2"]) == "dead layer: Y1 Y2 (lesson 2.1)"


@pytest.mark.parametrize("kind", ["train", "test"])
def test_nan_is_told_since_when(kind):
    run = toy.finished(100)
    getattr(run, kind).y[-2:, 1] = np.nan
    since = int(getattr(run, kind).x[-2])
    assert diagnosis.told(run, list) == f"NaN: since {since} (lesson 2.1)"


def test_of_a_run_without_numbers_nothing_is_told():
    assert diagnosis.told(Run(100), list) == "" and diagnosis.told(toy.finished(0), list) == ""
