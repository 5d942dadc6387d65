"""Write course.ipynb, the course as a notebook, from README.md and the chapters.

python docs/make/notebook.py
"""

import json
import re
import sys

import edits

sys.path.insert(0, str(edits.ROOT))
import startup  # noqa: E402, found only now

NOTEBOOK = edits.ROOT / "course.ipynb"
INTRODUCTION = """\
# Neural networks from scratch to 99 %, in six short scripts

Run the cells from top to bottom: each lesson trains a network while you watch. The explanations are in the
chapters, the panels of the dashboard in the
[reference](docs/reference.md#what-you-see). In Jupyter, `%matplotlib widget` (after
`pip install ipympl`) in the place of `%matplotlib inline` gives a picture whose buttons and keys work;
in Colab there is the moving picture only."""
FOLDER = """\
import os
import subprocess

# The lessons need their folder. If this notebook was opened elsewhere, in Colab for example, give the address
# from which the folder can be cloned: ADDRESS = "https://..."
ADDRESS = ""
if not os.path.exists("mnistdata.py"):
    if not ADDRESS:
        raise SystemExit("Set ADDRESS to where the lessons can be cloned from.")
    if not os.path.exists("lessons"):
        subprocess.run(["git", "clone", "--depth", "1", ADDRESS, "lessons"], check=True)
    os.chdir("lessons")
%matplotlib inline"""


def main():
    startup.start_program()
    startup.Parser(__doc__).parse_args()
    try:
        NOTEBOOK.write_text(notebook(), "utf-8")
    except OSError as error:
        startup.give_up(f"{NOTEBOOK} cannot be written: {error.strerror}.")
    print(NOTEBOOK)


def notebook():
    """The notebook's file."""
    cells = [cell("markdown", "introduction", INTRODUCTION), cell("code", "folder", FOLDER)]
    for number, script in edits.LESSONS.items():
        cells.append(cell("markdown", f"about-{number.replace('.', '-')}", words(number)))
        cells.append(cell("code", f"lesson-{number.replace('.', '-')}", f"%run {script.name}"))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def words(number):
    """What a lesson is about: its chapter's title and first paragraph, and its row of README.md's table."""
    chapter = edits.CHAPTERS[number]
    title, _, _, about, *_ = chapter.read_text("utf-8").split("\n\n")
    row = re.search(rf"^\| \[{number}\].*$", (edits.ROOT / "README.md").read_text("utf-8"), re.MULTILINE)[0]
    _, _, news, parameters, accuracy, time, *_ = [column.strip() for column in row.split("|")]
    about = re.sub(r"\]\((?!http)", "](docs/", about)
    return (
        f"#{title}\n\n{about}\n\nNew: {news}. It has {parameters} weights and biases, and a test accuracy of "
        f"{accuracy} in the end, after {time} on 2 CPU cores without pictures.\n\n"
        f"[The chapter](docs/{chapter.name})"
    )


def cell(kind, name, text):
    about = {"cell_type": kind, "id": name, "metadata": {}, "source": text.splitlines(keepends=True)}
    return {**about, "execution_count": None, "outputs": []} if kind == "code" else about


if __name__ == "__main__":
    main()
