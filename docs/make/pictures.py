"""Make the pictures of the course that come from a run again, with the commands that its pages document.

Twice the pixels that --save-image makes, so that they are sharp on a high-DPI screen too.

    python docs/make/pictures.py                          all of them
    python docs/make/pictures.py curves_overfitting.png   only this one

The lessons run with seed 0 on MNIST. Set MNIST_DATA to a folder of digits to avoid the download.
"""

import contextlib
import os
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path

import edits
import numpy as np

ROOT = edits.ROOT
sys.path.insert(0, str(ROOT))
import startup  # noqa: E402, found only now

FOLDER = edits.DOCS / "pictures"
SOFTMAX = "mnist_1.0_softmax"
SIGMOID = "mnist_2.0_five_layers_sigmoid"
RELU = "mnist_2.1_five_layers_relu_lrdecay"
DROPOUT = "mnist_2.2_five_layers_relu_lrdecay_dropout"
SMALLER = "mnist_3.0_convolutional"
CONVOLUTIONAL = "mnist_3.1_convolutional_bigger_dropout"
LESSONS = [path.stem for path in edits.LESSONS.values()]
TOO_SMALL = "K, L, M, N = 200, 100, 60, 30", "K, L, M, N = 3, 3, 3, 3"
PAGE_SIZE = 1280, 720
DPI = 200  # of the pictures; --save-image has 100
FINE = f"""
import runpy, sys
from dashboard.screens import stage
stage.SIZE["dpi"] = {DPI}
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
# strokes as places (x, y) on the pad, from 0 to 1
SLANTED_8 = [
    (0.64, 0.26), (0.57, 0.2), (0.5, 0.3), (0.5, 0.42), (0.51, 0.52), (0.48, 0.68),
    (0.4, 0.76), (0.36, 0.68), (0.42, 0.56), (0.52, 0.47), (0.61, 0.38), (0.64, 0.26),
]  # fmt: skip
TRIANGLE = [(0.5, 0.15), (0.85, 0.8), (0.15, 0.8), (0.5, 0.15)]
LEFT_3 = [
    (0.25, 0.26), (0.35, 0.2), (0.46, 0.24), (0.47, 0.34), (0.37, 0.41), (0.47, 0.48),
    (0.5, 0.6), (0.39, 0.7), (0.25, 0.66),
]  # fmt: skip


def main():
    startup.start_program()
    parser = startup.Parser(__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PICTURES))
    names = parser.parse_args().names or list(PICTURES)
    if unknown := [name for name in names if name not in PICTURES]:
        parser.error(f"{unknown[0]} is none of: {', '.join(PICTURES)}")
    if reason := startup.write_error(FOLDER / names[0]):
        parser.error(f"'{FOLDER / names[0]}' cannot be written: {reason}")
    from dashboard.screens import stage

    stage.SIZE["dpi"] = DPI
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            make, *arguments = PICTURES[name]
            make(FOLDER / name, Path(folder), *arguments)
            if name.endswith(".png") and not name.startswith("first_layer"):  # it has more colours
                use_palette(FOLDER / name)
            print(FOLDER / name, flush=True)


def use_palette(path):
    """A third of the bytes, and no difference that one could see."""
    from PIL import Image

    Image.open(path).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def lesson(script, *options, fine=True):
    command = [sys.executable, *(["-c", FINE] if fine else []), script, *map(str, options)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


def run(path, folder, name, *options):
    """python LESSON --save-image FILE"""
    lesson(f"{name}.py", *options, "--save-image", path)


def movie(path, folder, name, *options):
    """python LESSON --save-movie FILE"""
    lesson(f"{name}.py", *options, "--save-movie", path, fine=False)


def page(path, folder, name, *options):
    """python LESSON --text --save-page FILE, in a browser."""
    import slides

    saved = folder / "page.html"
    lesson(f"{name}.py", "--text", *options, "--save-page", saved)
    slides.photograph(slides.browser(), saved, path, PAGE_SIZE, DPI / 100)


def changed(path, folder, source, *options):
    """The end of a changed lesson."""
    script = folder / "changed.py"
    script.write_text(source, "utf-8")
    lesson(script, *options, "--save-image", path)


def side_by_side(path, folder, names, strokes, centring):
    """python tensorflowvisu.py NETWORK NETWORK, and a digit written on the pad."""
    from dashboard import networks
    from dashboard.panels import painter, style
    from dashboard.run.handles import Handles
    from dashboard.run.handwriting import Handwriting
    from dashboard.run.look import Look
    from dashboard.run.run import Run
    from dashboard.screens import stage

    for name, script in names.items():
        if not (folder / name).exists():
            lesson(f"{script}.py", "--text", "--save-network", folder / name)
    functions, (shape, classes) = networks.load({name: folder / name for name in names})
    look = Look("d", pad=written(Handwriting(centring=centring), strokes))
    with style.applied():
        figure, run = stage.file_figure(), Run(shape=shape, classes=classes)
        board = painter.Painter(figure, run, Handles(functions), look, f"Write a digit: {', '.join(names)}")
        board.draw_changes()
        figure.savefig(path)


def written(pad, places, smooth=True):
    """A stroke through these places, without corners, as a hand writes it."""
    if smooth:
        places = [point for four in neighbours(places) for point in curve(*four)]
    for start, end in zip(places, places[1:]):
        pad = pad.written(start, end)
    return pad


def neighbours(places):
    """Each two that follow each other, with one before and one behind them."""
    around = [places[0], *places, places[-1]]
    return zip(around, around[1:], around[2:], around[3:])


def curve(before, start, end, behind, steps=8):
    """Points of a Catmull-Rom spline from one place to the next."""
    a, b, c, d = np.array([before, start, end, behind])
    t = np.linspace(0, 1, steps + 1)[:, np.newaxis]
    return (b + t * ((c - a) + t * ((2 * a - 5 * b + 4 * c - d) + t * (3 * b - a - 3 * c + d))) / 2).tolist()


def compare(path, folder, name, earlier, source, *options):
    """A lesson's accuracy and loss, and the test curves of a run before that is called `earlier`."""
    script, saved = folder / f"{earlier}.py", folder / f"{earlier}.csv"
    script.write_text(source, "utf-8")
    lesson(script, "--text", *options, "--save-curves", saved)
    lesson(f"{name}.py", *options, "--compare", saved, "--view", 7, "--save-image", path)


def laboratory(path, folder, name, iterations, view, act):
    """A lesson in which `act` does what a learner would do with keys and the mouse: after each moment."""
    from dashboard.panels import painter, style
    from dashboard.run.look import Look
    from dashboard.screens import stage

    def show_run(options, run, handles, moments, report):
        with style.applied():
            board = painter.Painter(stage.file_figure(), run, handles, Look(view), options.title)
            for moment in moments():
                run.append(moment)
                act(board, moment.iteration == iterations)
            board.draw_changes()
            board.figure.savefig(path)
        return 0

    stage.show_run, sys.argv = show_run, [name, "--iterations", str(iterations)]
    with contextlib.redirect_stdout(None):
        runpy.run_path(str(ROOT / f"{name}.py"), run_name="__main__")


def branches(path, folder, name, at, factors):
    """A lesson, and its futures from iteration `at` on at other rates: back there, + or - and b."""
    from dashboard.panels import painter, style
    from dashboard.run import past
    from dashboard.run.look import Look
    from dashboard.screens import stage

    def show_run(options, run, handles, moments, report):
        for moment in moments():
            run.append(moment)
        for factor in factors:
            network = run.network_near(at)
            past.put_back(network, handles.state)
            run.go_back(network.i)
            handles.throttle.turn(factor / handles.throttle.factor)
            for moment in moments(network.i):
                run.append(moment)
        with style.applied():
            board = painter.Painter(stage.file_figure(), run, handles, Look("7"), options.title)
            board.header.status = f"branched at {run.branches[-1]:,}"
            board.draw_changes()
            board.figure.savefig(path)
        return 0

    stage.show_run, sys.argv = show_run, [name]
    with contextlib.redirect_stdout(None):
        runpy.run_path(str(ROOT / f"{name}.py"), run_name="__main__")


def turn_rate(board, is_end):
    if board.run.iteration in (2000, 2500):
        board.handles.throttle.turn(8 if board.run.iteration == 2000 else 1 / 8)


def go_back(board, is_end):
    if is_end:
        board.look = board.look.go(board.run, board.run.moments[3])


def follow_digit(board, is_end):
    if is_end:
        from dashboard.run.answers import changeable_digits
        from dashboard.run.look import Chosen

        test = board.run.newest.test
        changeable = changeable_digits(board.run.tests_like(test), 1)
        board.look = board.look._replace(digit=Chosen(changeable, 0, test))


def teach_triangle(board, is_end):
    train_set = board.handles.train_set
    if board.run.iteration == 600 and not train_set.taught:
        board.look = board.look._replace(pad=written(board.look.pad, TRIANGLE, smooth=False))
        train_set.teach(board.look.network_input(board.run), 7)


def do_nothing(board, is_end):
    pass


EXERCISES = edits.exercises()
PICTURES = {
    **{f"{name}.png": (run, name) for name in LESSONS},
    "mnist_2.1.gif": (movie, RELU, "--iterations", 500),
    "confusion_matrix.png": (run, SOFTMAX, "--view", "m"),
    "first_layer_1.0.png": (run, SOFTMAX, "--view", "w"),
    "first_layer_2.1.png": (run, RELU, "--view", "w", "--iterations", 3000),
    "first_layer_3.1.png": (run, CONVOLUTIONAL, "--view", "w", "--iterations", 600),
    "curves_overfitting.png": (changed, edits.lesson(RELU), "--view", 7),
    "curves_rate_too_high.png": (changed, EXERCISES["2.1_rate_0.02"].script, "--view", 7),
    "curves_dead_neurons.png": (changed, EXERCISES["2.1_rate_0.1"].script, "--view", 7),
    "curves_too_small.png": (changed, edits.lesson(RELU).replace(*TOO_SMALL), "--view", 7),
    "compare_slow_start.png": (compare, SIGMOID, "relu", edits.lesson(RELU), "--iterations", 100),
    "compare_decay.png": (compare, RELU, "constant", EXERCISES["2.1_constant"].script),
    "compare_dropout.png": (compare, DROPOUT, "without_dropout", edits.lesson(RELU)),
    "compare_convolution.png": (compare, SMALLER, "dense", edits.lesson(DROPOUT)),
    "compare_bigger.png": (compare, CONVOLUTIONAL, "smaller", edits.lesson(SMALLER)),
    "gradient_2.0.png": (run, SIGMOID, "--view", "g", "--iterations", 600),
    "gradient_2.1.png": (run, RELU, "--view", "g", "--iterations", 600),
    "gradient_plain.png": (
        changed, EXERCISES["2.0_plain"].script, "--view", "g", "--iterations", 1500,
    ),
    "laboratory_branches.png": (branches, RELU, 2000, (8, 1 / 8)),
    "laboratory_rate.png": (laboratory, RELU, 4000, "7", turn_rate),
    "laboratory_back_in_time.png": (laboratory, RELU, 400, "0", go_back),
    "laboratory_life.png": (laboratory, RELU, 4000, "i", follow_digit),
    "laboratory_layers.png": (laboratory, CONVOLUTIONAL, 600, "l", do_nothing),
    "page_2.1.png": (page, RELU, "--view", "l"),
    "laboratory_teach.png": (laboratory, CONVOLUTIONAL, 800, "d", teach_triangle),
    "your_own_digit.png": (
        side_by_side, {"softmax": SOFTMAX, "convolutional": CONVOLUTIONAL}, SLANTED_8, True,
    ),
    "side_by_side.png": (side_by_side, {"dense": DROPOUT, "convolutional": CONVOLUTIONAL}, LEFT_3, False),
}  # fmt: skip

if __name__ == "__main__":
    main()
