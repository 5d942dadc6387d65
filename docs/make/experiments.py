"""Run the programs of docs/experiments.md, and draw its pictures from what they compute.

    python docs/make/experiments.py              print what they print, and make the pictures again
    python docs/make/experiments.py --seed 1     only print, for networks of another seed

The two networks are trained on MNIST first, which takes some minutes; with --networks FOLDER they are kept
there, and found there the next time. Set MNIST_DATA to a folder of digits to avoid the download.
"""

import contextlib
import io
import os
import re
import sys
import tempfile
from pathlib import Path

import edits
import numpy as np
import pictures

sys.path.insert(0, str(edits.ROOT))
import startup  # noqa: E402, found only now
from dashboard.panels import style  # noqa: E402

PAGE = (edits.DOCS / "experiments.md").read_text("utf-8")
NETWORKS = {"one_layer": edits.LESSONS["1.0"], "convolutional": edits.LESSONS["3.1"]}
OTHER_4 = 19  # a test digit
FOOLED, STEP = (0, 4, 15), 0.1  # test digits that are shown, and how far their pixels are moved
DPI, LETTER, SMALLER = 200, 11, 9.5  # letters in points


def main():
    startup.start_program()
    parser = startup.Parser(__doc__)
    parser.add_argument("--networks", type=Path, metavar="FOLDER", help="where the networks are kept")
    parser.add_argument("--seed", type=startup.whole_number(0), default=0, metavar="N", help="(default: 0)")
    options = parser.parse_args()
    if options.networks and not options.networks.is_dir():
        parser.error(f"'{options.networks}' is no folder")
    if os.path.isdir(os.environ.get("MNIST_DATA", "")):
        os.environ["MNIST_DATA"] = os.path.abspath(os.environ["MNIST_DATA"])
    with tempfile.TemporaryDirectory() as folder:
        folder = options.networks.absolute() if options.networks else Path(folder)
        for name, path in NETWORKS.items():
            if not (folder / name).exists():
                saved = "--save-network", folder / name
                pictures.lesson(path, "--text", "--seed", options.seed, *saved, fine=False)
        for name, source in programs().items():
            print(f"\n{name}.py prints\n", flush=True)
            names, printed = run(source, folder)
            print(printed, end="", flush=True)
            if options.seed == 0:
                path = pictures.FOLDER / name.replace("own_", "experiment_")
                with style.applied():
                    figure = DRAWINGS[name](names, printed, source, folder)
                    figure.savefig(path.with_suffix(".png"))
                pictures.use_palette(path.with_suffix(".png"))


def programs():
    """Those of the page, by name."""
    return dict(re.findall(r"`(own_\w+)\.py`:\n\n```python\n(.*?)```$", PAGE, re.DOTALL | re.MULTILINE))


def patches():
    """Those that the page paints, in their order: the rows of each, as they stand in the program."""
    (first,) = re.findall(r'painted = """\n(.*?)"""', PAGE, re.DOTALL)
    (others,) = re.findall(r"\n\n((?: {4}[-.#]{5}(?: +[-.#]{5})+\n){5})", PAGE)
    columns = zip(*map(str.split, others.splitlines()))
    return [first, *("".join(f"    {row}\n" for row in rows) for rows in columns)]


def run(source, folder):
    """The names of a program after it has run in a folder that has the networks, and what it has printed."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    names, printed, before = {}, io.StringIO(), Path.cwd()
    show, pyplot.show = pyplot.show, lambda: None
    os.chdir(folder)
    try:
        with contextlib.redirect_stdout(printed):
            exec(source, names)
    finally:
        os.chdir(before)
        pyplot.show = show
        pyplot.close("all")
    return names, printed.getvalue()


def changed(source, old, new):
    assert source.count(old) == 1, old
    return source.replace(old, new)


# ------------------------------------------------------------------------------------------- the pictures


def new_figure(width, height):
    from matplotlib.figure import Figure

    return Figure((width / DPI, height / DPI), dpi=DPI, facecolor=style.PAPER)


def place(figure, left, top, width, height):
    """Axes at a place in pixels, counted from the upper left corner."""
    across, down = figure.get_size_inches() * DPI
    return figure.add_axes((left / across, 1 - (top + height) / down, width / across, height / down))


def write(figure, left, top, words, size=LETTER, **how):
    across, down = figure.get_size_inches() * DPI
    settings = {"color": style.INK, "va": "baseline", "fontsize": size, **how}
    figure.text(left / across, 1 - top / down, words, **settings)


def tile(axes, values, signed=False, limit=None):
    """An image of ink; or of numbers, violet below 0 and green above."""
    from matplotlib.colors import LinearSegmentedColormap

    ends = [style.NEGATIVE, style.PAPER, style.POSITIVE] if signed else [style.PAPER, style.INK]
    limit = limit or (np.abs(values).max() if signed else 1)
    colors = LinearSegmentedColormap.from_list("", ends)
    axes.imshow(values, colors, vmin=-limit * signed, vmax=limit, interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_color(style.FAINT)


def frame(axes, row, column, size, color=style.MARKED):
    """Around pixels: those from a row and a column on."""
    from matplotlib.patches import Rectangle

    corner = column - 0.5, row - 0.5
    axes.add_patch(Rectangle(corner, size, size, fill=False, edgecolor=color, linewidth=2, clip_on=False))


def style_chart(axes):
    axes.spines[:].set_visible(False)
    axes.spines["bottom"].set(visible=True, color=style.FAINT)
    axes.grid(axis="y", color=style.RULE, linewidth=1)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, labelcolor=style.GREY, labelsize=SMALLER, pad=5)


def draw_weight(names, printed, source, folder):
    figure = new_figure(1600, 760)
    here, now, slope = names["here"], float(names["now"]), float(names["slope"])
    moves, (pixel, neuron) = names["moves"], names["place"]
    fine = np.linspace(moves[0], moves[-1], 161)
    losses = [names["loss"](here + move).numpy() for move in fine]
    names["loss"](here)  # the weight is what it was
    write(figure, 40, 60, f"The weights of the {neuron}", weight="bold")
    weights = place(figure, 40, 95, 530, 530)
    tile(weights, names["W"].numpy()[:, neuron].reshape(28, 28), signed=True)
    frame(weights, *divmod(pixel, 28), 1)
    write(figure, 40, 725, "the one in the frame is moved", SMALLER, color=style.GREY)
    write(figure, 660, 60, "The loss on the test digits", weight="bold")
    axes = place(figure, 725, 95, 825, 530)
    style_chart(axes)
    axes.plot(fine, losses, color=style.TEST, linewidth=2.4)
    axes.plot(moves, names["losses"], "o", color=style.TEST, markersize=6)
    near = np.array([-1.15, 1.15])
    axes.plot(near, now + slope * near, color=style.INK, linewidth=1.8)
    axes.plot(0, now, "o", color=style.INK, markersize=10)
    axes.margins(x=0.03, y=0.1)
    words = {"color": style.INK, "fontsize": LETTER, "textcoords": "offset points"}
    axes.annotate(f"slope {slope:.2f}", (near[0], now + slope * near[0]), (-4, -18), ha="center", **words)
    axes.annotate("trained", (0, now), (6, 12), ha="left", **words)
    axes.set_xticks(moves, [f"{move:+g}" if move else "0" for move in moves])
    axes.locator_params("y", nbins=6)
    write(figure, 660, 725, "the weight is moved by so much", SMALLER, color=style.GREY)
    return figure


def draw_patch(names, printed, source, folder):
    figure = new_figure(1600, 720)
    before = patches()[0]
    write(figure, 40, 60, "The digit", weight="bold")
    tile(place(figure, 40, 95, 310, 310), names["ink"])
    write(figure, 430, 60, "Four painted patches", weight="bold")
    write(figure, 40, 500, "What each finds", weight="bold")
    for k, words in enumerate(("the darker, the better;", "in the frame best, with", "this sum (at most 5)")):
        write(figure, 40, 548 + 38 * k, words, SMALLER, color=style.GREY)
    for k, rows in enumerate(patches()):
        each, _ = run(changed(source, before, rows), folder)
        left = 430 + 290 * k
        tile(place(figure, left + 45, 95, 170, 170), each["W"], signed=True)
        axes = place(figure, left, 345, 260, 260)
        tile(axes, each["found"], limit=np.maximum(each["W"], 0).sum())
        frame(axes, each["row"] - 2, each["column"] - 2, 5)
        write(figure, left + 130, 655, f"{each['found'].max():.2f}", ha="center")
    return figure


def draw_pixels(names, printed, source, folder):
    figure = new_figure(1600, 1130)
    for column, words in enumerate(("The digit", "Slopes in lesson 1.0", "Slopes in lesson 3.1")):
        write(figure, 40 + 530 * column, 60, words, weight="bold")
    for row, digit in enumerate(("images[4:5]", f"images[{OTHER_4}:{OTHER_4 + 1}]")):
        for column, name in enumerate(NETWORKS):
            own = source.replace("convolutional", name).replace("images[4:5]", digit)
            each, _ = run(own, folder)
            ink = each["X"].numpy()[0, :, :, 0]
            if column == 0:
                tile(place(figure, 40, 95 + 500 * row, 460, 460), ink)
            axes = place(figure, 570 + 530 * column, 95 + 500 * row, 460, 460)
            tile(axes, each["slopes"], signed=True)
            axes.contour(ink, [0.5], colors=style.INK, linewidths=1.4)
    words = "ink on green speaks for the 4, ink on violet for the 9; the line is the edge of the digit"
    write(figure, 570, 1105, words, SMALLER, color=style.GREY)
    return figure


def draw_fooled(names, printed, source, folder):
    figure, X = new_figure(1600, 830), names["X"].numpy()
    ways = np.zeros_like(X), names["noise"], names["direction"].numpy()
    for column, (words, way) in enumerate(zip(("as it is", "noise", "chosen"), ways)):
        left = 40 + 190 * column
        write(figure, left, 60, words, weight="bold")
        for row, digit in enumerate(FOOLED):
            image = np.clip(X[digit] + STEP * way[digit], 0, 1)
            Y = names["network"].predict(image[np.newaxis])[0].numpy()
            is_right = Y.argmax() == names["Y_"][digit].argmax()
            tile(place(figure, left, 85 + 250 * row, 170, 170), image[:, :, 0])
            words, color = f"{Y.argmax()}, {100 * Y.max():.0f} %", style.INK if is_right else style.WRONG_INK
            write(figure, left, 295 + 250 * row, words, SMALLER, color=color)
    write(figure, 655, 60, "Test digits recognised", weight="bold")
    axes = place(figure, 755, 85, 640, 610)
    style_chart(axes)
    words = {"fontsize": LETTER, "textcoords": "offset points", "va": "center"}
    for name, color in zip(NETWORKS, (style.LAYERS[1], style.LAYERS[0])):
        rows = re.findall(rf"^{name}, (\S+): with noise (\S+), fooled (\S+)$", printed, re.MULTILINE)
        steps, noisy, fooled = np.array(rows, float).T
        axes.plot(steps, 100 * noisy, ":", color=color, linewidth=2.6, clip_on=False)
        axes.plot(steps, 100 * fooled, color=color, linewidth=2.8, clip_on=False)
        number, is_first = NETWORKS[name].name[6:9], name == "one_layer"
        axes.annotate(f"{number}, noise", (steps[-1], 100 * noisy[-1]), (8, 0), color=color, **words)
        beside = {"ha": "right" if is_first else "left", "color": color, **words}
        k = steps.tolist().index(STEP)
        axes.annotate(f"{number}, chosen", (STEP, 100 * fooled[k]), (-16 if is_first else 9, 6), **beside)
    axes.set(ylim=(0, 101), xlim=(0, steps[-1]))
    axes.set_xticks(steps, [f"{step:g}" for step in steps])
    axes.yaxis.set_major_formatter("{x:.0f} %")
    write(figure, 655, 795, "each pixel is moved by so much", SMALLER, color=style.GREY)
    return figure


DRAWINGS = {
    "own_weight": draw_weight, "own_patch": draw_patch, "own_pixels": draw_pixels, "own_fooled": draw_fooled,
}  # fmt: skip

if __name__ == "__main__":
    main()
