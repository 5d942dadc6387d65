"""How well saved networks read MNIST's test digits when these are moved up, down, left and right.

    python tests/shifted.py FOLDER FOLDER ...      folders that --save-network has made

Prints the mean of the four ways.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

import mnistdata
import startup

FARTHEST = 4  # pixels


def moved(X, down, right):
    """Images [n, 28, 28, 1]; what leaves them is lost, paper comes in."""
    far = FARTHEST
    wide = np.pad(X, ((0, 0), (far, far), (far, far), (0, 0)))
    return wide[:, far - down : far - down + 28, far - right : far - right + 28]


def accuracy(Y, Y_):
    """The share of right answers; Y and Y_ [n, 10]."""
    return np.mean(np.argmax(Y, axis=1) == np.argmax(Y_, axis=1))


def main():
    if len(sys.argv) == 1:
        sys.exit(__doc__)
    startup.start_program()
    startup.start_tensorflow()
    import tensorflow as tf

    test = mnistdata.read_data_sets().test
    for folder in sys.argv[1:]:
        network = tf.saved_model.load(folder)
        for k in range(FARTHEST + 1):
            shares = [
                accuracy(network.predict(moved(test.images, *way)), test.labels)
                for way in ((k, 0), (-k, 0), (0, k), (0, -k))
            ]
            print(f"{Path(folder).name}, moved by {k}: {np.mean(shares):.3f}")


if __name__ == "__main__":
    main()
