"""diagnosis: what is said of the runs of the course, which were recorded, and the list in lesson_3.1.md."""

import re
import sys

import numpy as np
import pytest
import toy
from processes import ROOT

sys.path.insert(0, str(ROOT / "docs" / "make"))
import diagnoses

from dashboard.run import diagnosis
from dashboard.run.run import Run

CURVES = diagnoses.recorded()
LESSONS = "1.0", "2.0", "2.1", "2.2", "3.0", "3.1"


def nobody(test):
    """No layer is dead."""
    return []


@pytest.mark.parametrize("name", CURVES)
def test_a_run_is_told_what_is_wrong_with_it_and_nothing_else(name):
    _, (*before, at_end) = diagnoses.replayed(CURVES[name])
    exercise = diagnoses.exercise(name)
    assert at_end == diagnoses.SYMPTOM_OF.get(exercise)
    if exercise in LESSONS:
        allowed = {None, "overfitting"} if at_end == "overfitting" else {None}
        assert set(before) <= allowed, "a healthy run is never accused"


@pytest.mark.parametrize("lesson", LESSONS)
@pytest.mark.parametrize("seed", range(3))
def test_a_lesson_that_ends_early_is_not_accused(lesson, seed):
    head, *rows = CURVES[f"{lesson}-{seed}"].splitlines()
    for end in 100, 300, 500, 800:
        short = [row for row in rows if int(row.split(",")[0]) <= end]
        _, said = diagnoses.replayed("\n".join([head, *short]))
        assert said[-1] in (None, "still learning", "network too small" if lesson == "1.0" else None), end


def test_the_six_lessons_are_there_with_three_seeds():
    assert {f"{lesson}-{seed}" for lesson in LESSONS for seed in range(3)} <= set(CURVES)


@pytest.mark.parametrize("folder", ["docs", "docs/zh"])
def test_what_helps_against_what_is_the_same_list(folder):
    page = (ROOT / folder / "lesson_3.1.md").read_text("utf-8")
    rows = re.findall(r"^\| .*\*\*(.+?)\*\*.* \| \[(\S+?)\]\(\S*lesson_\S+ \|$", page, re.MULTILINE)
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
            diagnosis.told(run, nobody).startswith("vanishing gradient: W1 gets 4,100 times less than W2")
            == told
        )
        run.gradients.length = 0


def test_dead_layers_are_asked_for_only_where_they_may_be():
    run = toy.finished(200)
    assert diagnosis.told(run, lambda test: pytest.fail("asked")) == ""
    run.turns[0] = 8
    assert diagnosis.told(run, lambda test: ["Y1", "Y2"]) == "dead layer: Y1 Y2 (lesson 2.1)"


@pytest.mark.parametrize("kind", ["train", "test"])
def test_nan_is_told_since_when(kind):
    run = toy.finished(100)
    getattr(run, kind).y[-2:, 1] = np.nan
    since = int(getattr(run, kind).x[-2])
    assert diagnosis.told(run, nobody) == f"NaN: since {since} (lesson 2.1)"


def test_of_a_run_without_numbers_nothing_is_told():
    assert diagnosis.told(Run(100), nobody) == "" and diagnosis.told(toy.finished(0), nobody) == ""
