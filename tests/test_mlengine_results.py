"""The picture of a search."""

import numpy as np
import pytest
from PIL import Image

from mlengine.trainer import results, space
from mlengine.trainer.results import Trial

DOT = "#4c90c8"  # the blue of a dot, which lets the white behind it through


def pixels(path, colour):
    """[rows, columns] of the pixels that have this colour."""
    picture = np.asarray(Image.open(path).convert("RGB")).astype(int)
    rgb = [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
    assert picture.shape == (720, 1280, 3)
    return np.nonzero(abs(picture - rgb).max(axis=2) < 8)


def eight_trials(parameters):
    plan = space.draw(parameters, 8, seed=0)
    trials = [Trial(k, values, 0.99 + k / 1000, 60.0) for k, values in enumerate(plan, 1)]
    trials[3] = Trial(4, plan[3], error="exit status 1")
    return trials


@pytest.mark.parametrize("count", [1, 3, 5])
def test_the_picture_has_a_star_for_the_best_and_a_dot_for_every_other(tmp_path, count):
    parameters = space.read(space.CONFIG)[:count]
    trials = eight_trials(parameters)
    results.picture(trials[-1:], parameters, tmp_path / "one.png")
    results.picture(trials, parameters, tmp_path / "all.png")
    one, several = tmp_path / "one.png", tmp_path / "all.png"
    stars = len(pixels(one, results.RED)[0])
    assert stars > 150 * count and abs(len(pixels(several, results.RED)[0]) - stars) < stars / 4
    assert len(pixels(one, DOT)[0]) < 20 and len(pixels(several, DOT)[0]) > 300 * count


def test_a_trial_that_learned_nothing_does_not_flatten_the_others(tmp_path):
    parameters = space.read(space.CONFIG)[:3]
    trials = eight_trials(parameters)
    spreads = []
    for accuracy in trials[0].accuracy, 0.1:
        trials[0].accuracy = accuracy
        results.picture(trials, parameters, tmp_path / "picture.png")
        rows, _ = pixels(tmp_path / "picture.png", DOT)
        spreads.append(np.subtract(*np.percentile(rows, [75, 25])))
    assert spreads[1] > 0.6 * spreads[0] > 60


def test_the_picture_can_show_extreme_accuracies(tmp_path):
    parameters = space.read(space.CONFIG)
    plan = space.grid(parameters, 4)
    for accuracies in [0.0] * 4, [1.0] * 4, [0.0, 0.5, 1.0, 1.0]:
        trials = [Trial(1, values, accuracy) for values, accuracy in zip(plan, accuracies)]
        results.picture(trials, parameters, tmp_path / "picture.png")
        assert len(pixels(tmp_path / "picture.png", results.RED)[0]) > 100
