"""Make the drawings of the course again, in docs/drawings or in another folder.

    python docs/drawings.py
    python docs/drawings.py FOLDER

Every number in them is computed, or read from a lesson.
"""

import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "drawings"
sys.path.insert(0, str(FOLDER))
import convolutions  # noqa: E402, found only now
import one_layer  # noqa: E402
import overfitting  # noqa: E402
import several_layers  # noqa: E402

DRAWINGS = {
    "neuron": one_layer.neuron,
    "matrix_product": one_layer.matrix_product,
    "softmax": one_layer.softmax,
    "cross_entropy": one_layer.cross_entropy,
    "valley": one_layer.valley,
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
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    for name, draw in DRAWINGS.items():
        (folder / f"{name}.svg").write_text(draw(), "utf-8", newline="\n")


if __name__ == "__main__":
    main()
