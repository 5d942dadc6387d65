"""Before the first iteration of 2.0 and 2.1: how large the gradient is, how much what a layer gives differs.

    python docs/make/start.py

For each lesson and seed: the root mean square of the gradient in W1 to W5, and the standard deviation between
digits of what Y1 to Y4 give, the mean over their neurons; with the first 1,000 test digits. Set MNIST_DATA to
a folder of digits to avoid the download.
"""

import runpy
import sys

import edits
import numpy as np

sys.path.insert(0, str(edits.ROOT))
import startup  # noqa: E402, found only now

LESSONS, SEEDS, DIGITS = ("2.0", "2.1"), range(3), 1000


def main():
    startup.start_program()
    startup.Parser(__doc__).parse_args()
    import tensorflowvisu

    tensorflowvisu.MnistDataVis.animate = lambda *_, **__: None  # the lesson stops where training would begin
    for number in LESSONS:
        for seed in SEEDS:
            sizes, spreads = measured(number, seed)
            print(number, seed, "gradient", *sizes, "differences", *spreads)


def measured(number, seed):
    sys.argv = [str(edits.LESSONS[number]), "--text", "--seed", str(seed)]
    names = runpy.run_path(sys.argv[0])
    test = names["mnist"].test
    gradient = names["gradient"](test.images[:DIGITS], test.labels[:DIGITS])[: len(names["weights"])]
    *hidden, _ = names["model"](test.images[:DIGITS])
    sizes = [np.sqrt(np.mean(np.square(G))) for G in gradient]
    spreads = [np.std(Y, axis=0).mean() for Y in hidden]
    return [[f"{value:.2g}" for value in values] for values in (sizes, spreads)]


if __name__ == "__main__":
    main()
