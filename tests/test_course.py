"""The pages of the course: their code runs, their numbers are the scripts', their links lead somewhere."""

import ast
import base64
import functools
import json
import math
import re

import pytest
from conftest import LESSONS
from processes import ROOT
from test_lessons import diagram_of, run_here

from docs.make import edits

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FOLDERS = (ROOT, "*.md"), (ROOT / "docs", "**/*.md"), (ROOT / "mlengine", "*.md")
WITH_LINKS = [ROOT / "course.ipynb", *(page for folder, names in FOLDERS for page in folder.glob(names))]
TRAINER = sorted((ROOT / "mlengine").glob("*.md"))
CHAPTERS = list(edits.CHAPTERS.values())
FIRST_SECTIONS = ["Watch", "The idea", "Learning", "In the code", "Your turn", "Check yourself"]
SECTIONS = ["Watch", "The idea", "The formula", "In the code", "Watch for", "Your turn", "Check yourself"]
COMPILED = {"2.0_plain", "3.1_both"}  # tf.function included; the others run as they stand, which is quicker


def name_of(path):
    return str(path.relative_to(ROOT))


def headings(page):
    """Anchors, as GitHub makes them, and their headings' levels and words."""
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    return {
        re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-"): (len(level), words)
        for level, words in re.findall(r"^(#+) (.+)$", text, re.MULTILINE)
    }


def links(page):
    """Where its links and pictures lead, if not to the web."""
    text = page.read_text("utf-8")
    if page.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    targets = re.findall(r'(?:\]\(|(?:src|href)=")([^)"]+)', text)
    return [target for target in targets if not target.startswith("http")]


# ------------------------------------------------------------------------------------------------- the code


def test_there_are_exercises_in_every_chapter():
    for number in edits.LESSONS:
        names = [exercise.name for exercise in edits.exercises().values() if exercise.chapter == number]
        assert len(names) >= 3 and all(name.startswith(f"{number}_") for name in names)


def test_every_copy_that_a_page_names_is_an_exercise():
    told = {name for page in PAGES for name in re.findall(r"`my_([\w.]+)\.py`", page.read_text("utf-8"))}
    assert told == set(edits.exercises())


@pytest.mark.parametrize("name", list(edits.exercises()))
def test_every_exercise_runs(name, digits_folder, tmp_path, monkeypatch, capsys):
    """For a few iterations, without the seconds that compiling takes, as beside a GPU: without XLA."""
    import tensorflow as tf

    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [kind])
    path = tmp_path / f"my_{name}.py"
    path.write_text(edits.exercises()[name].script, "utf-8")
    tf.config.run_functions_eagerly(name not in COMPILED)
    try:
        run_here(path, digits_folder, iterations=2)
    finally:
        tf.config.run_functions_eagerly(False)
    assert "final test accuracy" in capsys.readouterr().out


@pytest.mark.parametrize("number", list(edits.LESSONS)[1:])
def test_the_numbered_edits_lead_to_the_next_lesson(number):
    before, script = edits.numbered_edits(number)
    assert list(edits.LESSONS).index(before) + 1 == list(edits.LESSONS).index(number)
    assert code(script) == code(edits.LESSONS[number].read_text("utf-8"))


def code(script):
    """Without comments and docstrings."""
    tree = ast.parse(script)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.FunctionDef)) and ast.get_docstring(node) is not None:
            del node.body[0]
    return ast.unparse(tree)


@pytest.mark.parametrize("page", CHAPTERS, ids=name_of)
def test_the_code_it_explains_is_in_its_script(page):
    script = " ".join(edits.LESSONS[page.stem[7:]].read_text("utf-8").split())
    text = page.read_text("utf-8")
    table = re.search(r"^## In the code\n(.*?)^## ", text, re.DOTALL | re.MULTILINE)[1]
    rows = re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)
    assert len(rows) >= 2
    for row in rows:
        place = 0
        for part in row.split("..."):  # where something is left out
            assert part.strip() in script[place:], row
            place = script.index(part.strip(), place)


def test_the_worked_example_is_computed_right():
    page = edits.CHAPTERS["1.0"].read_text("utf-8")
    sums, *rows = re.findall(r"^\| \S.*?\| (-?[\d.]+) \| (-?[\d.]+) \| (-?[\d.]+) \|", page, re.MULTILINE)[:5]
    powers = [math.exp(float(total)) for total in sums]
    Y = [power / sum(powers) for power in powers]
    slopes = [100 * (y - y_) for y, y_ in zip(Y, (1, 0, 0))]
    for row, true in zip(rows, (powers, Y, (1, 0, 0), slopes)):
        assert [float(cell) for cell in row] == pytest.approx(true, abs=0.06 if true is slopes else 0.0006)


def test_the_baseline_is_what_it_says(mnist_folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MNIST_DATA", str(mnist_folder))
    monkeypatch.chdir(tmp_path)
    page = edits.CHAPTERS["1.0"].read_text("utf-8")
    (source,) = re.findall(r"```python\n(.*?)```\n", page, re.DOTALL)
    exec(source, {})
    assert (tmp_path / "means.png").is_file()
    assert f"\n{capsys.readouterr().out.splitlines()[-1]}. This is a *baseline*" in page


@pytest.mark.parametrize(
    "library, end", [("tensorflow", ("epochs=17", "epochs=1")), ("torch", ("10_000", "2"))]
)
def test_what_one_would_write_today_is_the_network_of_lesson_3_1(library, end, digits_folder, monkeypatch):
    pytest.importorskip(library)
    monkeypatch.setenv("MNIST_DATA", str(digits_folder))
    page = edits.CHAPTERS["3.1"].read_text("utf-8")
    programs = re.findall(r"```python\n(.*?)```\n", page, re.DOTALL)
    (program,) = (each for each in programs if f"import {library}\n" in each or f"import {library} " in each)
    assert program.count(end[0]) == 1
    names = {}
    exec(program.replace(*end), names)
    model = names["model"]
    sizes = [math.prod(V.shape) for V in (model.weights if library == "tensorflow" else model.parameters())]
    assert sum(sizes) == sum(map(math.prod, shapes(edits.LESSONS["3.1"]).values()))


# -------------------------------------------------------------------------------------------------- numbers


@functools.cache
def shapes(path):
    """Those of weights and biases, by name."""
    return {
        name: [int(size) for size in sizes.split(", ")]
        for name, sizes in re.findall(r"\b([WB]\d?) +\[([\d, ]+)\]", diagram_of(path))
    }


def test_the_table_of_lessons_counts_their_parameters():
    rows = re.findall(
        r"^\| \[\d\.\d\]\((\S+)\) \|[^|]+\| ([\d,]+) \|", PAGES[0].read_text("utf-8"), re.MULTILINE
    )
    true = [(path.name, f"{sum(map(math.prod, shapes(path).values())):,}") for path in LESSONS]
    assert rows == true


def test_the_table_of_lessons_has_their_accuracies_and_times():
    page = PAGES[0].read_text("utf-8")
    rows = re.findall(r"^\| \[\d\.\d\]\(.*\| (\S+ ± \S+) \| (\d+ s) \| \[", page, re.MULTILINE)
    told = [
        re.search(r"Final test accuracy: (\S+ ± \S+) \(.*?\), in (\d+ s)", path.read_text("utf-8")).groups()
        for path in LESSONS
    ]
    assert rows == told


@pytest.mark.parametrize("page", CHAPTERS, ids=name_of)
def test_its_table_of_weights_is_right(page):
    drawn = shapes(edits.LESSONS[page.stem[7:]])
    rows = re.findall(r"^\| `(W\d) \[([\d, ]+)\]` \| ([\d,]+) \|$", page.read_text("utf-8"), re.MULTILINE)
    for name, sizes, count in rows:
        assert [int(size) for size in sizes.split(", ")] == drawn[name]
        assert f"{math.prod(drawn[name]):,}" == count
    assert bool(rows) == (page.stem[7] == "3")


def test_the_commands_of_the_lessons_options_exist():
    """Every lesson that a page starts, with options that it has."""
    from dashboard.options import parser

    known = set(parser()._option_string_actions)
    for page in PAGES:
        text = re.sub(r"`(python [^`]+)`", r"\n    \1\n", page.read_text("utf-8"))
        for line in re.findall(r"^    (?:\S+=\S+ )?python ((?:mnist|my)_.*)$", text, re.MULTILINE):
            script, *options = line.split("   ")[0].split()
            assert (ROOT / script).exists() or script[3:-3] in edits.exercises()
            assert {option for option in options if option.startswith("-")} <= known, line


@pytest.mark.parametrize("page", PAGES + TRAINER, ids=name_of)
def test_no_figure_is_missing(page):
    assert not re.findall("⟦.*?⟧", page.read_text("utf-8"), re.DOTALL)


# --------------------------------------------------------------------------------------------------- pages


@pytest.mark.parametrize("page", WITH_LINKS, ids=name_of)
def test_its_links_lead_somewhere(page):
    for target in links(page):
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), target
        anchors = re.findall(r'<a id="([^"]+)"', there.read_text("utf-8")) if anchor else []
        assert not anchor or anchor in headings(there) or anchor in anchors, target


def test_every_picture_and_drawing_is_shown():
    shown = {(page.parent / target).resolve() for page in WITH_LINKS for target in links(page)}
    made = {path for suffix in ("png", "gif", "svg") for path in (ROOT / "docs").rglob(f"*.{suffix}")}
    slides = set((ROOT / "docs" / "drawings" / "slides").iterdir())
    assert made - slides <= shown


@pytest.mark.parametrize("page", CHAPTERS, ids=name_of)
def test_a_chapter_has_these_sections(page):
    sections = [words for level, words in headings(page).values() if level == 2]
    if page == CHAPTERS[-1]:
        sections, more = sections[:-2], sections[-2:]
        assert more == ["What helps against what", "Today you would write"]
    if page != CHAPTERS[0]:
        assert sections.pop(-3).startswith("From ")
    assert sections == (FIRST_SECTIONS if page == CHAPTERS[0] else SECTIONS)


@pytest.mark.parametrize("page", CHAPTERS, ids=name_of)
def test_each_exercise_asks_for_a_guess_and_each_chapter_for_three_answers(page):
    turn, check = re.split(r"^## Check yourself$", page.read_text("utf-8"), flags=re.MULTILINE)
    for exercise in re.split(r"^### ", turn[turn.index("## Your turn") :], flags=re.MULTILINE)[1:]:
        assert "Guess first" in exercise.split("<details>")[0], exercise
    asked, answers = check.split("<details><summary>Answers</summary>")
    for numbered in asked, answers:
        assert re.findall(r"^(\d)\. ", numbered, re.MULTILINE) == ["1", "2", "3"]


def test_the_chapters_are_linked_both_ways():
    for before, after in zip(edits.COURSE, edits.COURSE[1:]):
        assert after.name in links(before) and before.name in links(after)
    entrances = " ".join(links(PAGES[0]) + links(ROOT / "docs" / "teaching.md"))
    for page in PAGES[1:]:
        assert "../README.md" in links(page) and page.name in entrances


def test_the_glossary_is_in_order_and_its_words_stand_where_it_says():
    page = ROOT / "docs" / "glossary.md"
    rows = re.findall(r"^\| \[([^]]+)\]\(([^)#]+)#([^)]+)\)", page.read_text("utf-8"), re.MULTILINE)
    words = [word for word, _, _ in rows]
    assert len(words) >= 25 and words == sorted(words, key=str.lower)
    for word, path, anchor in rows:
        text = (page.parent / path).read_text("utf-8")
        heading = headings((page.parent / path).resolve())[anchor][1]
        section = re.split(r"^#+ ", text[text.index(f"# {heading}\n") + 2 :], maxsplit=1, flags=re.MULTILINE)[
            0
        ]
        assert word.lower()[:-1] in " ".join(section.lower().split()), word


@pytest.mark.parametrize("folder", ["docs", "docs/zh"])
def test_each_worksheet_prints_on_a_sheet_of_its_own(folder, browser):
    page = ROOT / folder / "worksheets.html"
    browser.get(page.as_uri())
    pdf = base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"])
    sheets = page.read_text("utf-8").count("<section>")
    assert len(re.findall(rb"/Type /Page\b", pdf)) == sheets == 3
