"""The options of a lesson; they are the same in all of them."""

import argparse
import shutil
from collections.abc import Sequence

import startup
from dashboard.panels.views import VIEWS
from dashboard.run.text import read_curves
from dashboard.screens.outputs import OUTPUTS, destination


def command_line(
    description: str | None = None,
    iterations: int = 1000,
    arguments: Sequence[str] | None = None,
    *,
    tensorflow: bool = True,
) -> argparse.Namespace:
    """The options, and TensorFlow started quietly: with tensorflow=False, for a program that uses another
    library, it is not even imported. Wrong use ends the program in one line.
    """
    startup.start_program()
    if not startup.program_name() and arguments is None:
        arguments = []  # they are a notebook's, not ours
    options = parse(parser(description, iterations), arguments)
    if tensorflow:
        startup.silence_compiler(startup.start_tensorflow())
    return options


def defaults():
    """The options of a program that has none."""
    return parse(parser(), [])


def parse(options_parser, arguments):
    options = options_parser.parse_args(arguments)
    drawing = ["--compare", *OUTPUTS, *([] if options.save_page else ["--view"])]  # a page begins with a view
    if options.text and (given := [name for name in drawing if getattr(options, destination(name))]):
        options_parser.error(f"--text draws nothing: leave out {given[0]}, or --text")
    options.view = options.view or "0"
    return options


def title_of(description):
    """A lesson's, from the first line of its docstring; an own program is called as its file."""
    first = (description or "").partition("\n")[0].removesuffix(".")
    return first if first.startswith("Lesson ") else startup.program_name()


def parser(description=None, iterations=1000):
    parser = startup.Parser(description)
    parser.set_defaults(title=title_of(description))
    add = parser.add_argument
    add("--text", action="store_true", help="text only, no window")
    batches = f"how many batches to learn from (default: {iterations})"
    add("--iterations", type=startup.whole_number(1), default=iterations, metavar="N", help=batches)
    numbers = "other random numbers; the same seed, the same run (default: 0)"
    add("--seed", type=startup.whole_number(0), default=0, metavar="N", help=numbers)
    parser.add_data_option()
    keys = [view.keys[0] for view in VIEWS]
    meanings = ", ".join(f"{view.keys[0]}: {view.meaning}" for view in VIEWS)
    views = f"the view to begin with, or to save (default: 0; {meanings})"
    add("--view", choices=keys, metavar="KEY", help=views)
    for option, (meaning, kinds) in OUTPUTS.items():
        add(option, type=output_file(kinds), metavar="FILE", help=meaning)
    curves = "at the end, however the run ends, its curves as numbers (CSV)"
    add("--save-curves", type=startup.new_file(".csv"), metavar="FILE", help=curves)
    runs = "the test curves of earlier runs behind this one's: files made by --save-curves"
    add("--compare", type=earlier_curves, nargs="+", action="extend", default=[], metavar="FILE", help=runs)
    page = "at the end, however the run ends, one file that shows it in any browser, and reads digits"
    add("--save-page", type=startup.new_file(".html"), metavar="FILE", help=page)
    kept = "at the end, keep the network for: python tensorflowvisu.py FOLDER FOLDER ..."
    add("--save-network", type=startup.new_folder, metavar="FOLDER", help=kept)
    return parser


def output_file(suffixes):
    """The type of an option: a file that an output can write."""
    parse_name = startup.new_file(*suffixes)

    def parse(name):
        path = parse_name(name)
        if path.suffix.lower() == ".mp4" and not shutil.which("ffmpeg"):
            raise argparse.ArgumentTypeError("ffmpeg is needed for .mp4, and missing; .gif needs nothing")
        return path

    return parse


def earlier_curves(name):
    """The type of an option: a file that --save-curves has made."""
    try:
        return read_curves(name)
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{name!r} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{name!r}: {error}") from None
