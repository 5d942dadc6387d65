"""The programs of docs/make: each says what it does, and what it cannot do is one sentence."""

import pytest
from processes import ROOT, run

MAKE = ROOT / "docs" / "make"


@pytest.mark.parametrize(
    "name", ["diagnoses", "drawings", "experiments", "measure", "notebook", "pages", "pictures", "start"]
)
def test_it_says_how_it_is_used(name):
    done = run(MAKE / f"{name}.py", "--help")
    assert done.returncode == 0 and f"python docs/make/{name}.py" in done.stdout, done.stderr
    wrong = run(MAKE / f"{name}.py", "--no-such-option")
    assert wrong.returncode == 2 and wrong.stderr.count("\n") == 1, wrong.stderr


@pytest.mark.parametrize("program", [("drawings.py",), ("measure.py", "1.0", "--keep")])
def test_what_it_cannot_write_is_one_sentence(program, tmp_path):
    (tmp_path / "file").touch()
    done = run(MAKE / program[0], *program[1:], tmp_path / "file" / "folder")
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "Not a directory" in done.stderr
