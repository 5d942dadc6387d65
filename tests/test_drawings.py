"""The drawings of the course: as its program makes them, readable, and with the numbers of the lessons."""

import re
from math import prod
from xml.etree import ElementTree

import pytest
from processes import ROOT, run

DRAWINGS = sorted((ROOT / "docs" / "drawings").glob("*.svg"))
NORMAL, BOLD = 0.6, 0.68  # of a letter's height: the mean width of letters in the widest of the usual fonts
SVG = "{http://www.w3.org/2000/svg}"


def read(path):
    return ElementTree.fromstring(path.read_text("utf-8"))


def words_in(drawing):
    return [element.text for element in drawing.iter(f"{SVG}text")]


def test_they_are_what_the_program_draws(tmp_path):
    done = run(ROOT / "docs" / "make" / "drawings.py", tmp_path)
    assert done.returncode == 0, done.stderr
    drawn = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert drawn == {path.name: path.read_bytes() for path in DRAWINGS}


@pytest.mark.parametrize("path", DRAWINGS, ids=lambda path: path.stem)
def test_a_screen_reader_has_something_to_read(path):
    title, description = (read(path).find(f"{SVG}{name}").text for name in ("title", "desc"))
    assert title and len(description) > len(title)


@pytest.mark.parametrize("path", DRAWINGS, ids=lambda path: path.stem)
def test_all_words_are_inside(path):
    drawing = read(path)
    _, _, width, height = map(float, drawing.get("viewBox").split())
    letter = float(drawing.get("font-size"))
    assert letter * 360 / width > 11  # pixels on a phone
    for text in drawing.iter(f"{SVG}text"):
        length = len(text.text) * letter * (BOLD if text.get("font-weight") else NORMAL)
        left = float(text.get("x")) - {"start": 0, "middle": 0.5, "end": 1}[text.get("text-anchor")] * length
        assert left >= 0 and left + length <= width, text.text
        assert letter <= float(text.get("y")) <= height - letter / 4, text.text


def weights_of(lesson):
    """{"W1": how many weights, ...}, from the code that makes the variables."""
    (path,) = ROOT.glob(f"mnist_{lesson}_*.py")
    source = path.read_text("utf-8")
    sizes = {}
    for names, numbers in re.findall(r"^([K-N](?:, [K-N])*) = (\d+(?:, \d+)*)  #", source, re.MULTILINE):
        sizes |= dict(zip(names.split(", "), numbers.split(", ")))
    found = re.findall(r"^(W\d) = tf.Variable\(tf.random.truncated_normal\(\[(.+?)\]", source, re.MULTILINE)
    factors = {name: re.sub("[K-N]", lambda size: sizes[size[0]], text) for name, text in found}
    return {name: prod(map(int, re.split(r", | \* ", text))) for name, text in factors.items()}


@pytest.mark.parametrize("lesson, about", [("3.0", 122_036), ("3.1", 244_000)])
def test_the_weights_are_those_of_the_lesson(lesson, about):
    weights = weights_of(lesson)
    assert len(weights) == 5 and sum(weights.values()) == pytest.approx(about, rel=0.001)
    words = words_in(read(ROOT / "docs" / "drawings" / f"sizes_{lesson}.svg"))
    counted = [word.split(" + ")[0] for word in words if re.fullmatch(r"[\d,]+ \+ \d+", word)]
    assert counted == [f"{count:,}" for count in weights.values()]
    assert any(f"{sum(weights.values()):,} weights" in word for word in words)
