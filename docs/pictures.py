"""Make the pictures of README.md that come from a run again, with the commands that it documents.

    python docs/pictures.py                          all of them
    python docs/pictures.py curves_overfitting.png   only this one

The lessons run with seed 0 on MNIST. Set MNIST_DATA to a folder of digits to avoid the download.
"""

import contextlib
import os
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
sys.path.insert(0, str(ROOT))
import startup  # noqa: E402, found only now

SOFTMAX = "mnist_1.0_softmax"
SIGMOID = "mnist_2.0_five_layers_sigmoid"
RELU = "mnist_2.1_five_layers_relu_lrdecay"
DROPOUT = "mnist_2.2_five_layers_relu_lrdecay_dropout"
CONVOLUTIONAL = "mnist_3.1_convolutional_bigger_dropout"
LESSONS = sorted(path.stem for path in ROOT.glob("mnist_[0-9]*.py"))
CURVES = (0, 30, 866, 385)  # pixels: left, top, right, bottom of panels 1 and 2
RATE = "return throttle * (0.0001 + 0.003 * tf.exp(-step / 2000))"
# strokes as places (x, y) on the pad, from 0 to 1
SLANTED_8 = [
    (0.66, 0.26), (0.55, 0.2), (0.47, 0.3), (0.5, 0.42), (0.53, 0.52), (0.5, 0.68), (0.4, 0.76),
    (0.33, 0.68), (0.4, 0.56), (0.53, 0.47), (0.64, 0.38), (0.66, 0.26),
]  # fmt: skip
TRIANGLE = [(0.5, 0.15), (0.85, 0.8), (0.15, 0.8), (0.5, 0.15)]
LEFT_3 = [
    (0.08, 0.3), (0.18, 0.24), (0.29, 0.28), (0.3, 0.38), (0.2, 0.45), (0.3, 0.52), (0.33, 0.64),
    (0.22, 0.74), (0.08, 0.7),
]  # fmt: skip


def main():
    startup.start_program()
    parser = startup.Parser(__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PICTURES))
    names = parser.parse_args().names or list(PICTURES)
    if unknown := [name for name in names if name not in PICTURES]:
        parser.error(f"{unknown[0]} is none of: {', '.join(PICTURES)}")
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            make, *arguments = PICTURES[name]
            make(DOCS / name, Path(folder), *arguments)
            if name.endswith(".png") and not name.startswith("first_layer"):  # it has more colors
                use_palette(DOCS / name)
            print(DOCS / name, flush=True)


def use_palette(path):
    """A third of the bytes, and no difference that one could see."""
    from PIL import Image

    Image.open(path).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def lesson(script, *options):
    command = [sys.executable, script, *map(str, options)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


def run(path, folder, name, *options):
    """python LESSON --save-image FILE, or --save-movie FILE"""
    lesson(f"{name}.py", *options, "--save-movie" if path.suffix == ".gif" else "--save-image", path)


def curves(path, folder, *edits):
    """The accuracy and the loss of lesson 2.1 with these changes."""
    from PIL import Image

    source = (ROOT / f"{RELU}.py").read_text("utf-8")
    for before, after in edits:
        assert before in source, f"lesson 2.1 no longer has {before!r}"
        source = source.replace(before, after)
    changed, whole = folder / f"{RELU}.py", folder / path.name
    changed.write_text(source, "utf-8")
    lesson(changed, "--save-image", whole)
    Image.open(whole).crop(CURVES).save(path)


def side_by_side(path, folder, names, strokes, centring):
    """python tensorflowvisu.py NETWORK NETWORK, and a digit written on the pad."""
    from dashboard import handles, networks, painter, record, views, window

    for name, script in names.items():
        if not (folder / name).exists():
            lesson(f"{script}.py", "--text", "--save-network", folder / name)
    shown = record.Record()
    functions = handles.Handles(networks.load({name: folder / name for name in names}))
    board = painter.Painter(window.file_figure(), shown, functions, views.BY_KEY["d"], "tensorflowvisu")
    shown.pad.centring = centring
    for start, end in zip(strokes, strokes[1:]):
        shown.write(start, end)
    board.frame()
    board.figure.savefig(path)


def compare(path, folder):
    """The two commands of the README."""
    lesson(f"{RELU}.py", "--text", "--iterations", 100, "--save-curves", folder / "relu.csv")
    options = "--iterations", 100, "--compare", folder / "relu.csv", "--view", 7, "--save-image", path
    lesson(f"{SIGMOID}.py", *options)


def laboratory(path, folder, name, iterations, view, act):
    """A lesson in which `act` does what a learner would do with keys and the mouse: after each result."""
    from dashboard import painter, stage, views, window

    def show_run(options, record, handles, results, report_end):
        board = painter.Painter(window.file_figure(), record, handles, views.BY_KEY[view], name)
        for result in results:
            record.take(result)
            act(record, handles, result.iteration == iterations)
        board.frame()
        board.figure.savefig(path)
        return 0

    stage.show_run, sys.argv = show_run, [name, "--iterations", str(iterations)]
    with contextlib.redirect_stdout(None):
        runpy.run_path(str(ROOT / f"{name}.py"), run_name="__main__")


def turn_rate(record, handles, is_end):
    if record.iteration in (2000, 2500):
        handles.rate.turn(8 if record.iteration == 2000 else 1 / 8)
        record.turn_rate(handles.rate.factor)


def go_back(record, handles, is_end):
    if is_end:
        record.look_at(3)


def follow_digit(record, handles, is_end):
    if is_end:
        changes = record.changeable_digits(1)
        record.select(changes, 0, True)


def teach_triangle(record, handles, is_end):
    if record.iteration == 600 and not handles.pupil.taught:
        for start, end in zip(TRIANGLE, TRIANGLE[1:]):
            record.write(start, end)
        handles.pupil.teach(record.pad.picture(), 7)


def do_nothing(record, handles, is_end):
    pass


PICTURES = {
    **{f"{name}.png": (run, name) for name in LESSONS},
    "mnist_2.1.gif": (run, RELU, "--iterations", 500),
    "confusion_matrix.png": (run, SOFTMAX, "--view", "m"),
    "first_layer_1.0.png": (run, SOFTMAX, "--view", "w"),
    "first_layer_3.1.png": (run, CONVOLUTIONAL, "--view", "w", "--iterations", 600),
    "curves_overfitting.png": (curves,),
    "curves_rate_too_high.png": (curves, (RATE, "return 0.02 + 0 * step")),
    "curves_dead_neurons.png": (curves, (RATE, RATE.replace("0.003", "0.1"))),
    "curves_too_small.png": (curves, ("K, L, M, N = 200, 100, 60, 30", "K, L, M, N = 3, 3, 3, 3")),
    "laboratory_rate.png": (laboratory, RELU, 4000, "7", turn_rate),
    "laboratory_compare.png": (compare,),
    "laboratory_back_in_time.png": (laboratory, RELU, 400, "0", go_back),
    "laboratory_life.png": (laboratory, RELU, 4000, "i", follow_digit),
    "laboratory_layers.png": (laboratory, CONVOLUTIONAL, 600, "l", do_nothing),
    "laboratory_teach.png": (laboratory, CONVOLUTIONAL, 800, "d", teach_triangle),
    "your_own_digit.png": (
        side_by_side, {"softmax": SOFTMAX, "convolutional": CONVOLUTIONAL}, SLANTED_8, True,
    ),
    "side_by_side.png": (side_by_side, {"dense": DROPOUT, "convolutional": CONVOLUTIONAL}, LEFT_3, False),
}  # fmt: skip

if __name__ == "__main__":
    main()
