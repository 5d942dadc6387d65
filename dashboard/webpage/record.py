"""What a page tells of a run: plain values and arrays, as much of them as a file may hold."""

import numpy as np

from dashboard.run import answers
from dashboard.run.images import as_bytes, as_images

MOST_MOMENTS = 60  # on the slider: more of the start, where most happens
MOST_TEST_DIGITS = 2000  # with their images: those that were wrong most often
MOST_ROWS = 2000  # of a curve


def of_run(run, told):
    """Of a run, and the sentence of its diagnosis."""
    moments = chosen_moments(run)
    trains = list(dict.fromkeys(moment.train for moment in moments if moment.train))
    tests = list(dict.fromkeys(moment.test for moment in moments if moment.test))
    return {
        "iterations": run.iterations,
        "epoch": run.epoch,
        "told": told,
        "curves": {
            name: curve(getattr(run, name))
            for name in ("train", "test", "weights", "biases", "gradients", "steps")
        },
        "earlier": [{"name": one.name, "test": thinned(one.test).astype(np.float32)} for one in run.earlier],
        "turns": list(run.turns.items()),
        "moments": [
            {
                "i": moment.measured_at,
                "train": trains.index(moment.train) if moment.train else None,
                "test": tests.index(moment.test) if moment.test else None,
                "factor": moment.factor,
            }
            for moment in moments
        ],
        "trains": [of_train(train) for train in trains],
        "tests": [of_test(test) for test in tests],
        "digits": digits(tests),
    }


def chosen_moments(run):
    """Those with a new test, or all of a run without one; the last in any case."""
    fresh = [one for one in run.moments if not one.test or one.test.i == one.measured_at]
    moments = [*fresh, *run.moments[-1:]]
    moments = list({moment.measured_at: moment for moment in moments}.values())
    return [moments[k] for k in spread([moment.measured_at for moment in moments], MOST_MOMENTS)]


def spread(iterations, most):
    """The indices of at most so many; between their iterations' square roots, distances are about equal."""
    if len(iterations) <= most:
        return range(len(iterations))
    roots = np.sqrt(iterations)
    wanted = np.linspace(roots[0], roots[-1], most)
    return np.unique(np.abs(roots[:, np.newaxis] - wanted).argmin(axis=0)).tolist()


def curve(series):
    """Its rows: the iteration, and what was measured then."""
    return thinned(series.rows).astype(np.float32)


def thinned(rows):
    """Every second, third ... of very many, and the last."""
    step = -(-len(rows) // MOST_ROWS) or 1
    return rows[::-1][::step][::-1]


def of_train(train):
    stored = train.snapshot.stored
    return {
        "i": train.i,
        "accuracy": float(train.accuracy),
        "images": stored.images,
        "right": stored.right,
        "given": stored.given,
        "total": stored.total,
        "taught": stored.taught,
    }


def of_test(test):
    matrix = answers.confusion(test.answers)
    return {"i": test.i, "matrix": matrix.astype(np.min_scalar_type(matrix.max()))}


def digits(tests):
    """The test digits that were wrong most often: images [m], and what each test took them for [tests, m]."""
    tests = [test for test in tests if test.answers.X is not None]
    if not tests or any(test.answers.X is not tests[-1].answers.X for test in tests):
        return None  # each test has had other digits
    last, given = tests[-1].answers, np.array([test.answers.given for test in tests])
    often = np.count_nonzero(given != last.right, axis=0)
    k = np.sort(np.argsort(-often, kind="stable")[:MOST_TEST_DIGITS])
    return {
        "index": k.astype(np.int32),
        "images": as_bytes(as_images(last.X[k])),
        "right": last.right[k],
        "given": given[:, k],
    }
