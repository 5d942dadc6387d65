"""What README.md and docs/reference.md promise can be done as it stands there."""

import re

import pytest
from boards import PANELS
from conftest import LESSONS
from processes import ROOT, run

from dashboard.panels import views
from dashboard.screens import keys

README = (ROOT / "README.md").read_text("utf-8")
REFERENCE = (ROOT / "docs" / "reference.md").read_text("utf-8")
TRAINER = ROOT / "mlengine" / "README.md"
PAGES = [
    ROOT / "README.md", ROOT / "INSTALL.txt", *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "mlengine").glob("*.md")),
]  # fmt: skip
# by whoever follows them
MADE = {"means.png", "three.png", "unclear.png", "job.yaml", "study.yaml", "study/search.png"}


def test_two_commands_set_everything_up():
    """.ci/run runs them, on a clean clone; here, what they name is there."""
    commands = re.findall(r"^    (python3 -m venv .*)$", README, re.MULTILINE)
    assert len(commands) == 2
    for command in commands:
        for name in re.findall(r"\S+\.(?:txt|py)\b", command):
            assert (ROOT / name).is_file()
    assert commands[0].endswith(LESSONS[0].name) and commands[1].endswith("-m pytest")


PROGRAMS = dict(zip(("keras", "sklearn", "numpy"), re.findall(r"```python\n(.*?)```", REFERENCE, re.DOTALL)))


@pytest.mark.parametrize("library", PROGRAMS)
@pytest.mark.parametrize("view", ["0", "d"])
def test_your_own_network(library, view, digits_folder, tmp_path):
    """Also with the view that asks the network about a digit on the pad."""
    pytest.importorskip(library, reason=f"{library} is not installed")
    (tmp_path / "own.py").write_text(PROGRAMS[library], "utf-8")
    what = "--iterations", 60, "--view", view, "--save-image", "own.png"
    done = run(
        "-c", OWN, *what, cwd=tmp_path, PYTHONPATH=ROOT, MNIST_DATA=digits_folder, TF_CPP_MIN_LOG_LEVEL=3
    )
    assert (done.returncode, done.stderr) == (0, "")
    *_, final, best, has_tensorflow = done.stdout.splitlines()
    assert float(re.search(r"final test accuracy: (\S+)", final)[1]) > 0.5
    assert has_tensorflow == str(library == "keras")


OWN = """
import runpy, sys
sys.argv[0] = "own.py"
runpy.run_path("own.py", run_name="__main__")
print("tensorflow" in sys.modules)
"""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_it_names_exists(page):
    text = re.sub(r"--save-\w+ \S+|\[[^]]*\]", "", page.read_text("utf-8"))
    names = re.findall(r"[\w./-]+\.(?:py|md|txt|png|gif|svg|yaml)\b", text)
    there = {name for name in names if (page.parent / name).exists() or (ROOT / name).exists()}
    assert not {name for name in set(names) - there - MADE if not name.startswith(("own", "my_"))}


def test_mlengines_options_are_the_trainers(capsys):
    from mlengine.trainer import options as command_line

    page = TRAINER.read_text("utf-8")
    table = page[page.index("## Options") : page.index("## Your turn")].replace("` ... `", "` `")
    with pytest.raises(SystemExit):
        command_line.parse("", ["--help"])
    listed = set(re.findall(r"^  (?:-h, )?(--[\w-]+)", capsys.readouterr().out, re.MULTILINE))
    told = set(re.findall(r"`(--[\w-]+)", table)) | {f"--hp-conv{k}" for k in range(1, 7)} | {"--help"}
    assert told == listed


def test_its_options_are_the_lessons_options():
    table = REFERENCE[REFERENCE.index("## Options") : REFERENCE.index("## The digits")]
    told = set(re.findall(r"`(--[\w-]+)", table))
    listed = set(re.findall(r"^  (?:-h, )?(--[\w-]+)", run(LESSONS[0], "--help").stdout, re.MULTILINE))
    assert told == listed


def test_the_options_name_every_view():
    (row,) = re.findall(r"^\| `--view KEY` \|.*$", REFERENCE, re.MULTILINE)
    told = {name for name in re.findall(r"`(\w)`", row)} | set("12345678")
    assert told == {view.keys[0] for view in views.VIEWS}


def test_its_keys_are_those_of_the_list():
    """Every key by its first name; where there are others, they are for those who are used to them."""
    start = REFERENCE.index("| key | |")
    table = set(re.findall(r"`([^`]+)`", REFERENCE[start : REFERENCE.index("\n\n", start)]))
    own = [key for panel in PANELS for key in panel.keys]
    assert table == {key.names[0] for key in (*keys.KEYS, *own)} | {
        name for view in views.VIEWS for name in view.keys
    }


def test_the_list_on_the_screen_is_the_same():
    panels_keys = [key for panel in PANELS for key in panel.keys]
    listed = sorted((names.strip(), meaning) for group in keys.list_of_keys() for names, meaning in group)
    expected = [(", ".join(view.keys), view.meaning) for view in views.VIEWS]
    expected += [(key.names[0], key.meaning) for key in [*keys.KEYS, *panels_keys]]
    assert listed == sorted(expected)
