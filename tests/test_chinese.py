"""The Chinese pages say the same as the English ones, in the same order.

A number in figures is one in both, and so is a number in words ("ten neurons").
"""

import re

import pytest
from boards import PANELS
from processes import ROOT
from test_course import code, headings, name_of

from dashboard.panels import views
from dashboard.run import diagnosis
from dashboard.screens import keys

PAIRS = {page: page.parent / "zh" / page.name for page in sorted((ROOT / "docs").glob("*.md"))}
PAIRS[ROOT / "README.md"] = ROOT / "README.zh.md"
SHEETS = {ROOT / "docs" / "worksheets.html": ROOT / "docs" / "zh" / "worksheets.html"}
DRAWINGS = {path: path.parent / "zh" / path.name for path in (ROOT / "docs" / "drawings").glob("*.svg")}
BOOK = "https://zh.d2l.ai/"  # a textbook in Chinese
DASHBOARD = ROOT / "docs" / "zh" / "dashboard.md"  # Chinese only: what the words on the dashboard mean
CODE = r"^```.*?^```$|(?:^ {4}[^\n]*\n)+"
OUTLINE = re.compile(
    rf"(?P<code>{CODE})|^#+ (?P<heading>[^\n]*)$|(?P<folded></?(?:details|summary)>)"
    r"|!\[[^]]*\]\((?P<picture>[^)]*)\)|^\|(?P<row>[^\n]*)\|$",
    re.DOTALL | re.MULTILINE,
)
HAN = "[\u4e00-\u9fff]"

both = pytest.mark.parametrize("english, chinese", PAIRS.items(), ids=map(name_of, PAIRS))
chinese_ones = pytest.mark.parametrize("chinese", [*PAIRS.values(), DASHBOARD], ids=name_of)


def without_code(page):
    return re.sub(CODE, "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


def prose(page):
    """What a reader reads: without code, anchors, and the targets of links."""
    return re.sub(r'<a id="[^"]*"></a>|(?<=\])\([^)]*\)', "", without_code(page))


def sections(page):
    return re.split(r"^#+ ", prose(page), flags=re.MULTILINE)


def figures(words):
    """The numbers in it, and the places of those that are still to be measured."""
    words = re.sub(r"`[^`]*`|\]\([^)]*\)", "", words)
    words = re.sub(r"([\d,]+) (million|万)", in_full, words)
    return re.findall(r"⟦[^⟧]*⟧|-?\d+(?:[.,]\d+)*", words)


def in_full(match):
    return f"{int(match[1].replace(',', '')) * (1_000_000 if match[2] == 'million' else 10_000):,}"


def outline(page, drawings):
    """Headings with level and figures, code, pictures, what is folded, rows with the figures of each cell."""
    for match in OUTLINE.finditer(page.read_text("utf-8")):
        kind, words = match.lastgroup, match[match.lastgroup]
        if kind == "heading":
            yield match[0].split()[0], figures(words)
        elif kind == "row":
            yield [figures(cell) for cell in words.split("|")]
        elif kind == "picture":
            picture = (page.parent / words).resolve()
            yield drawings.get(picture, picture)
        else:
            yield words


def goals(page):
    """Where its links lead: a file, or an address in the web; and the anchor there."""
    for target in re.findall(r"\]\(([^)]+)\)", without_code(page)):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        yield (target if "://" in target else file), anchor


def anchors(page):
    """Of each heading: the anchor that is written above it, or nothing."""
    return re.findall(r'(?:^<a id="([^"]+)"></a>\n+)?^#+ ', without_code(page), re.MULTILINE)


def test_every_page_of_the_course_is_there_in_chinese():
    assert {*ROOT.glob("*.zh.md"), *(ROOT / "docs" / "zh").glob("*.md")} == {*PAIRS.values(), DASHBOARD}
    assert (PAIRS[ROOT / "README.md"], "") in goals(ROOT / "README.md")


@both
def test_same_outline(english, chinese):
    """And the drawings with Chinese words."""
    assert list(outline(chinese, {})) == list(outline(english, DRAWINGS))


@both
def test_same_figures_in_each_section(english, chinese):
    for there, here in zip(sections(english), sections(chinese)):
        assert sorted(figures(here)) == sorted(figures(there)), here


@both
def test_same_names_in_each_section(english, chinese):
    """Identifiers, keys, options, files: whatever is set as code."""

    def names(words):
        return {" ".join(name.split()) for name in re.findall(r"`([^`]+)`", words)}

    for there, here in zip(sections(english), sections(chinese)):
        assert names(here) == names(there), here


@both
def test_same_links_to_the_chinese_pages(english, chinese):
    """After a first one, to the English page; and some that only readers of Chinese need."""
    twins = PAIRS | DRAWINGS | SHEETS
    expected = [(twins.get(goal, goal), anchor) for goal, anchor in goals(english) if goal != chinese]
    same = [goal for goal in goals(chinese) if goal[0] not in (BOOK, DASHBOARD)]
    assert same == [(english, ""), *expected]


@both
def test_its_anchors_are_those_of_the_english_headings(english, chinese):
    for anchor, heading in zip(anchors(chinese), headings(english)):
        assert anchor in ("", heading)
    for goal, anchor in goals(chinese):
        assert not anchor or goal not in PAIRS.values() or anchor in anchors(goal), anchor


@chinese_ones
def test_it_says_which_pages_are_english(chinese):
    """In or after each link to one, but that to its twin."""
    for words, target, after in re.findall(r"\[([^]]*)\]\(([^)#]+)[^)]*\)(（英文）)?", without_code(chinese)):
        file = (chinese.parent / target).resolve()
        is_english = file.suffix in (".md", ".txt") and file not in (*PAIRS.values(), DASHBOARD)
        assert is_english == ("英文" in words + after) or words == "English", target


@chinese_ones
def test_it_is_set_as_chinese_is(chinese):
    """Spaces between Chinese and Latin, Chinese punctuation, nothing in italics; a paragraph is a line."""
    slanted = re.findall(r"\*([^*\n]+)\*", re.sub(r"\*\*|`[^`]*`", "", prose(chinese)))
    assert not [words for words in slanted if re.search(HAN, words)]
    for wrong in f"{HAN}[A-Za-z0-9`]", f"[A-Za-z0-9`]{HAN}", f"{HAN}[,.;:?!(]", f"[^\n]\n{HAN}":
        assert not re.findall(f".*{wrong}.*", prose(chinese))


def words_of_the_dashboard():
    """Of each row of its tables: the English words."""
    rows = re.findall(r"^\| (.+?) \| .*\|$", DASHBOARD.read_text("utf-8"), re.MULTILINE)
    return [words for words in rows if words != "英文"]


def test_the_words_of_the_dashboard_are_there_in_chinese():
    pressed = [*keys.KEYS, *(key for panel in PANELS for key in panel.keys)]
    shown = {words for panel in PANELS for words in (panel.title, panel.caption)}
    shown |= {view.button for view in views.VIEWS} | {key.button for key in pressed}
    shown |= {symptom.name for symptom in diagnosis.SYMPTOMS}
    assert shown - {"", None} - set(words_of_the_dashboard()) == set()


def test_each_word_in_its_tables_is_one_of_the_dashboard():
    """Of its program without comments, with something else for each …."""
    texts = [code(path.read_text("utf-8")) for path in (ROOT / "dashboard").rglob("*.py")]
    texts += [path.read_text("utf-8") for path in (ROOT / "dashboard").rglob("*.html")]
    source = " ".join(texts).lower()
    for words in words_of_the_dashboard():
        assert all(part.strip(" ,:") in source for part in words.lower().split("…")), words


def test_the_pages_on_which_one_meets_the_dashboard_lead_to_its_words():
    for page in ROOT / "README.zh.md", ROOT / "docs" / "zh" / "lesson_1.0.md":
        assert (DASHBOARD, "") in goals(page)
