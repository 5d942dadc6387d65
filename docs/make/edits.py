"""The changes of code that the chapters of the course ask for, so that they can be tested and measured.

    In `my_2.1_constant.py`, a copy of `mnist_2.1_five_layers_relu_lrdecay.py`:     and a diff: an exercise
    In `my_2.1_slow.py`, a copy of `my_2.1_constant.py`, with `a` in place of `b`.  another value: one more
    ## From 2.0 to 2.1                                                              all diffs of this section

In a diff, the lines up to the next `@@` stand in the script exactly once: those after `-` go, those after `+`
come in their place, those after a space stay.
"""

import re
from pathlib import Path
from typing import NamedTuple

DOCS = Path(__file__).resolve().parent.parent
ROOT = DOCS.parent
LESSONS = {path.name[6:9]: path for path in sorted(ROOT.glob("mnist_[0-9]*.py"))}
CHAPTERS = {number: DOCS / f"lesson_{number}.md" for number in LESSONS}
FIRST, *OTHERS = CHAPTERS.values()
COURSE = [FIRST, DOCS / "backpropagation.md", *OTHERS]  # as they are read
DIFF = r"```diff\n(.*?)```"
EXERCISE = re.compile(
    r"\b[Ii]n `my_([\w.]+)\.py`, a copy of `([\w.]+)\.py`(?:, with `([^`]+)` in place of `([^`]+)`)?"
    rf"(?:\.|:\n\n{DIFF})".replace(" ", r"\s+"),
    re.DOTALL,
)


class Exercise(NamedTuple):
    name: str
    chapter: str  # in which it stands: the number of its lesson, or the name of its page
    script: str  # changed


def exercises():
    """All exercises of the course, by name."""
    found = {}
    for page in COURSE:
        for name, base, new, old, diff in EXERCISE.findall(page.read_text("utf-8")):
            assert name not in found, f"two exercises are called {name}"
            before = found[base[3:]].script if base.startswith("my_") else lesson(base)
            assert not old or old in before, f"{name}: {base}.py has no {old!r}"
            script = patched(before.replace(old, new) if old else before, diff)
            found[name] = Exercise(name, page.stem.removeprefix("lesson_"), script)
    return found


def lesson(name):
    return (ROOT / f"{name}.py").read_text("utf-8")


def numbered_edits(number):
    """Lesson `number` as it comes from the one before: (that lesson's number, its script with all edits)."""
    heading, section = re.search(
        rf"^## From (\S+) to {re.escape(number)}\n(.*?)(?=^## )",
        CHAPTERS[number].read_text("utf-8"),
        re.DOTALL | re.MULTILINE,
    ).groups()
    script = LESSONS[heading].read_text("utf-8")
    for diff in re.findall(DIFF, section, re.DOTALL):
        script = patched(script, diff)
    return heading, script


def patched(script, diff):
    """The script with a diff applied to it."""
    for part in re.split(r"^@@.*\n", diff, flags=re.MULTILINE):
        if part.strip():
            before, after = side(part, " -"), side(part, " +")
            assert script.count(before) == 1, f"{script.count(before)} times in the script:\n{before}"
            script = script.replace(before, after)
    return script


def side(part, signs):
    """The lines of one side, each between two ends of lines."""
    lines = [line or " " for line in part.splitlines()]
    assert all(line[0] in " +-" for line in lines), part
    return "\n" + "".join(f"{line[1:]}\n" for line in lines if line[0] in signs)
