"""Make the pages that need no Python: networks that read a digit, and runs.

    python docs/make/pages.py             docs/try.html: the networks of lessons 1.0, 2.2 and 3.1
    python docs/make/pages.py FOLDER      index.html, which is the same, and the runs of all six lessons
    python docs/make/pages.py --renew     docs/try.html, with its networks and today's dashboard/webpage

The lessons run with seed 0 on MNIST. Set MNIST_DATA to a folder of digits to avoid the download.
"""

import sys
import tempfile
from pathlib import Path

import edits
import pictures

sys.path.insert(0, str(edits.ROOT))
import startup  # noqa: E402, found only now
from dashboard.webpage import page as webpage  # noqa: E402

TRIED = {"1.0": "one layer", "2.2": "five layers", "3.1": "convolutional"}


def main():
    startup.start_program()
    parser = startup.Parser(__doc__)
    one = parser.add_mutually_exclusive_group()
    one.add_argument("folder", nargs="?", type=Path, metavar="FOLDER", help="an empty one")
    one.add_argument("--renew", action="store_true", help="train nothing: the networks that the page has")
    options = parser.parse_args()
    folder = options.folder
    if folder and not folder.is_dir():
        parser.error(f"'{folder}' is no folder")
    page = folder / "index.html" if folder else edits.DOCS / "try.html"
    if reason := startup.write_error(page):
        parser.error(f"'{page}' cannot be written: {reason}")
    if options.renew:
        page.write_text(webpage.renewed(page.read_text("utf-8")), "utf-8")
    else:
        train(page, folder)
    print(page)


def train(page, folder):
    """All lessons, if there is a folder for the pages of their runs."""
    with tempfile.TemporaryDirectory() as networks:
        for number in edits.LESSONS if folder else TRIED:
            options = ["--save-page", folder.absolute() / f"lesson_{number}.html"] if folder else []
            if number in TRIED:
                options += ["--save-network", Path(networks) / TRIED[number]]
            pictures.lesson(edits.LESSONS[number], "--text", *options, fine=False)
        folders = (Path(networks) / name for name in TRIED.values())
        pictures.lesson("tensorflowvisu.py", *folders, "--save-page", page.absolute(), fine=False)


if __name__ == "__main__":
    main()
