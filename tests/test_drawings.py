"""The drawings of the course: as its program makes them, readable, and with the numbers of the lessons."""

import hashlib
import io
import re
from math import prod
from xml.etree import ElementTree

import numpy as np
import pytest
from conftest import need
from PIL import Image
from processes import ROOT, run

from docs.make import words_zh

FOLDER = ROOT / "docs" / "drawings"
DRAWINGS, CHINESE = sorted(FOLDER.glob("*.svg")), sorted(FOLDER.glob("zh/*.svg"))
NORMAL, BOLD = 0.6, 0.68  # of a letter's height: the mean width of letters in the widest of the usual fonts
WIDE = "[·×→\u3000-\u9fff\uff00-\uffef]"  # as wide as high, in a Chinese font
NAMES = {"Dropout", "Softmax", "exp", "leaky", "log", "relu", "sigmoid", "tanh"}  # the same in Chinese
SVG = "{http://www.w3.org/2000/svg}"


def read(path):
    return ElementTree.fromstring(path.read_text("utf-8"))


def name_of(path):
    return path.relative_to(FOLDER).with_suffix("").as_posix()


each = pytest.mark.parametrize("path", DRAWINGS + CHINESE, ids=name_of)


def words_in(drawing):
    return [element.text for element in drawing.iter(f"{SVG}text")]


def test_they_are_what_the_program_draws(tmp_path):
    done = run(ROOT / "docs" / "make" / "drawings.py", tmp_path)
    assert done.returncode == 0, done.stderr
    drawn = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*.svg")}
    assert drawn == {path.relative_to(FOLDER): path.read_bytes() for path in DRAWINGS + CHINESE}


@pytest.mark.parametrize("path", DRAWINGS, ids=name_of)
def test_all_its_words_are_there_in_chinese(path):
    """A word that is missing in the list raises an error that says which."""
    drawing = path.read_text("utf-8")
    assert (FOLDER / "zh" / path.name).read_text("utf-8") == words_zh.translated(drawing)


@pytest.mark.parametrize("path", CHINESE, ids=name_of)
def test_no_english_is_left_in_it(path):
    drawing = read(path)
    told = [drawing.find(f"{SVG}{name}").text for name in ("title", "desc")] + words_in(drawing)
    assert set(re.findall("[A-Za-z][a-z]+", " ".join(told))) <= NAMES


def test_a_word_without_chinese_is_told():
    with pytest.raises(words_zh.NoChinese, match="'12 apples' has no Chinese"):
        words_zh.translated("<text>12 apples</text>")


def test_each_of_the_chinese_words_is_drawn():
    drawn = " ".join(path.read_text("utf-8") for path in CHINESE)
    for chinese in words_zh.WORDS.values():
        assert all(part.strip() in drawn for part in re.split("[#…]", chinese)), chinese


@each
def test_a_screen_reader_has_something_to_read(path):
    title, description = (read(path).find(f"{SVG}{name}").text for name in ("title", "desc"))
    assert title and len(description) > len(title)


@each
def test_all_words_are_inside(path):
    drawing = read(path)
    _, _, width, height = map(float, drawing.get("viewBox").split())
    letter = float(drawing.get("font-size"))
    assert letter * 360 / width > 11  # pixels on a phone
    for text in drawing.iter(f"{SVG}text"):
        wide = len(re.findall(WIDE, text.text))
        length = (wide + (len(text.text) - wide) * (BOLD if text.get("font-weight") else NORMAL)) * letter
        left = float(text.get("x")) - {"start": 0, "middle": 0.5, "end": 1}[text.get("text-anchor")] * length
        assert left >= 0 and left + length <= width, text.text
        assert letter <= float(text.get("y")) <= height - letter / 4, text.text


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@each
def test_words_stand_out(path, dark):
    drawing = read(path)
    colors = dict(
        re.findall(r"\.(\S+) { color: (#\w+)", drawing.find(f"{SVG}style").text.split("@media")[dark])
    )
    grounds = []
    for element in drawing.iter():
        color = colors.get(element.get("class", "").removeprefix("halo "))
        if element.tag in (f"{SVG}rect", f"{SVG}circle") and element.get("fill") != "none":
            grounds.append((element, color))
        elif element.tag == f"{SVG}text":
            x, y = float(element.get("x")), float(element.get("y")) - 5
            behind = [ground for shape, ground in grounds if is_inside(x, y, shape)]
            assert contrast(color, behind[-1]) >= 4.5, element.text


def is_inside(x, y, shape):
    if shape.tag == f"{SVG}circle":
        cx, cy, r = (float(shape.get(name)) for name in ("cx", "cy", "r"))
        return (x - cx) ** 2 + (y - cy) ** 2 <= r**2
    left, top, width, height = (float(shape.get(name)) for name in ("x", "y", "width", "height"))
    return left <= x <= left + width and top <= y <= top + height


def contrast(*colors):
    """As the Web Content Accessibility Guidelines define it: from 1 to 21."""
    dim, bright = sorted(map(luminance, colors))
    return (bright + 0.05) / (dim + 0.05)


def luminance(color):
    parts = (int(color[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("path", DRAWINGS, ids=name_of)
def test_it_has_a_slide(path):
    slide = FOLDER / "slides" / f"{path.stem}.png"
    with Image.open(slide) as image:
        assert (image.width, image.mode) == (1920, "P")
        assert image.text["drawing"] == hashlib.sha256(path.read_bytes()).hexdigest(), "of an earlier drawing"
    assert slide.stat().st_size < 150_000


def test_no_slide_is_left_of_a_drawing_that_is_gone():
    assert {path.stem for path in FOLDER.glob("slides/*")} == {path.stem for path in DRAWINGS}


@pytest.mark.slow
def test_a_slide_is_what_chromium_draws(monkeypatch):
    need("chromium")
    monkeypatch.syspath_prepend(ROOT / "docs" / "make")
    from docs.make import slides

    made = slides.slide(slides.browser(), (FOLDER / "neuron.svg").read_text("utf-8"))
    made, kept = Image.open(io.BytesIO(made)), Image.open(FOLDER / "slides" / "neuron.png")
    assert (made.size, made.text) == (kept.size, kept.text)
    ink = [np.asarray(image.convert("L")) < 128 for image in (made, kept)]
    assert (ink[0] != ink[1]).sum() < 0.5 * ink[1].sum(), "more than another font"


def test_without_chromium_there_are_no_slides(tmp_path):
    done = run(ROOT / "docs" / "make" / "drawings.py", tmp_path, "--slides", PATH=tmp_path)
    assert done.returncode == 2 and "Slides need Chromium" in done.stderr and done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_the_gradients_it_draws_are_those_at_the_start(mnist_folder):
    """And the figures of lesson 2.0 about them."""
    done = run(ROOT / "docs" / "make" / "start.py", MNIST_DATA=mnist_folder)
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines() if line[4:5] == "0"]
    words = words_in(read(FOLDER / "chain.svg"))
    page = (ROOT / "docs" / "lesson_2.0.md").read_text("utf-8")
    for row in rows:
        differences = row[row.index("differences") + 1 :]
        assert all(word in words for word in row[3 : row.index("differences")])
        assert f"{' | '.join(f'{float(word):g}' for word in differences)} |" in page


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
