"""Make the drawings of the course again, in docs/drawings or in another folder that exists, and with Chinese
words in the folder zh there.

    python docs/make/drawings.py
    python docs/make/drawings.py FOLDER
    python docs/make/drawings.py --slides     and each as a PNG for slides, in the folder slides there

Every number in them is computed, read from a lesson, or measured by start.py.
"""

import subprocess
import sys
from pathlib import Path

import convolutions
import edits
import one_layer
import overfitting
import several_layers
import slides
import two_layers
import words_zh

sys.path.insert(0, str(edits.ROOT))
import startup  # noqa: E402, found only now

DRAWINGS = {
    "neuron": one_layer.neuron,
    "matrix_product": one_layer.matrix_product,
    "softmax": one_layer.softmax,
    "cross_entropy": one_layer.cross_entropy,
    "valley": one_layer.valley,
    "backpropagation": two_layers.backpropagation,
    "activations": several_layers.activations,
    "chain": several_layers.chain,
    "dropout": several_layers.dropout,
    "overfitting": overfitting.overfitting,
    "degrees_of_freedom": overfitting.degrees_of_freedom,
    "convolution": convolutions.convolution,
    "stride": convolutions.stride,
    "sizes_3.0": lambda: convolutions.sizes("3.0"),
    "sizes_3.1": lambda: convolutions.sizes("3.1"),
}


def main():
    startup.start_program()
    parser = startup.Parser(__doc__)
    default = edits.DOCS / "drawings"
    parser.add_argument("folder", nargs="?", type=Path, default=default, metavar="FOLDER")
    parser.add_argument("--slides", action="store_true", help="make PNGs for slides too; needs Chromium")
    options = parser.parse_args()
    browser = slides.browser()
    if options.slides and not browser:
        startup.give_up("Slides need Chromium or Chrome, and there is none on PATH.")
    for name, draw in DRAWINGS.items():
        drawing = draw()
        write(options.folder / f"{name}.svg", drawing.encode())
        try:
            write(options.folder / "zh" / f"{name}.svg", words_zh.translated(drawing).encode())
        except words_zh.NoChinese as error:
            startup.give_up(f"{name}: {error}")
        if options.slides:
            try:
                slide = slides.slide(browser, drawing)
            except (OSError, subprocess.SubprocessError) as error:
                startup.give_up(f"{browser} could not draw {name}: {error}")
            write(options.folder / "slides" / f"{name}.png", slide)


def write(path, content):
    try:
        if path.parent.name in ("zh", "slides"):
            path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        startup.give_up(f"{path} cannot be written: {error.strerror}.")


if __name__ == "__main__":
    main()
