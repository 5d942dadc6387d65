"""What is wrong with a run, from its numbers: 'What helps against what' in docs/lesson_3.1.md."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

TESTS = 20  # the latest ones: what a rule says must be true of them
CHANCE = 1.5  # times as often right as by guessing: below, a network knows nothing
PLATEAU = 200  # iterations without having learned anything, after which it has
VANISHED = 1 / 300  # of the last layer's gradient, when the run begins: the first layer's
CREEPS = 1.15  # times the last loss: the first of these tests; a run that has just begun falls faster
JUMP = 0.025  # of the loss, up and down again from test to test
RISE = 1.25  # times the lowest loss
ALIKE = 0.75  # of the test loss: a training loss above it is no better
GOOD = 0.97  # of the training digits are recognised: the network is large enough
FLAT, FALLS = 0.03, 0.05  # of the loss, over the last third of the run: no progress, or still some


class Symptom(NamedTuple):
    name: str  # as in lesson_3.1.md
    rule: Callable  # of Numbers: what was measured, in words; or None
    lesson: str  # where the remedy is
    at_end: bool = False  # while it trains, a healthy run may look like this


class Numbers:
    """What the rules look at."""

    def __init__(self, run, dead_layers):
        self.run, self.dead_layers = run, dead_layers
        self.i, (self.right, self.loss) = run.test.x, run.test.y.T
        self.enough = run.test.length >= TESTS // 2  # to judge by
        self.guessing = CHANCE / run.classes
        self.training_right, self.training_loss = run.train.y[-TESTS:, :2].mean(axis=0)


def is_lost(n):
    for series in n.run.train, n.run.test:
        if np.isnan(series.y[-1, 1]):
            return f"since {first(series.x, np.isnan(series.y[:, 1])):,}"


def knows_nothing(n):
    if n.enough and (n.right[-TESTS // 2 :] < n.guessing).all():
        return f"{100 * n.right[-1]:.0f} % right, as by guessing"


def layer_is_dead(n):
    if (n.run.turns or knows_nothing(n)) and (names := n.dead_layers(n.run.newest.test)):  # else nobody asks
        return " ".join(names)


def gradient_vanishes(n):
    if n.run.gradients.length:
        gradients = n.run.gradients.y[0]
        if 0 < gradients[0] < VANISHED * gradients[-1]:
            times = float(f"{gradients[-1] / gradients[0]:.2g}")
            return f"W1 gets {times:,.0f} times less than W{len(gradients)}"
    if n.enough and not knows_nothing(n) and (begun := first(n.i, n.right >= n.guessing)) > PLATEAU:
        return f"nothing learned before {begun:,}"


def rate_is_too_high(n):
    steps = np.diff(n.loss[-TESTS:])
    up, down = steps.clip(0).mean(), (-steps).clip(0).mean()
    if min(up, down) > JUMP * (middle := np.median(n.loss[-TESTS:])):
        return f"test loss {middle:.3g}, and jumps by {np.abs(steps).mean():.2g}"


def rate_is_too_low(n):
    latest = n.loss[-TESTS:]
    if (np.diff(latest) < 0).all() and latest[0] < CREEPS * latest[-1]:
        return f"test loss {n.loss[-1]:.3g}, a little lower at each test"


def overfits(n):
    lowest, now = n.loss.min(), n.loss[-TESTS // 2 :].min()  # not a single bad test
    if n.enough and now > RISE * lowest and n.training_loss < now / 2:
        return f"test loss {n.loss[-1]:.3g}, after {lowest:.3g} at {n.i[n.loss.argmin()]:,.0f}"


def is_too_small(n):
    alike = n.training_loss > ALIKE * n.loss[-1] and n.training_right < GOOD
    if alike and n.run.test.length >= TESTS and abs(fall(n)) < FLAT:
        return f"training {100 * n.training_right:.1f} %, test {100 * n.right[-1]:.1f} %, no progress"


def is_still_learning(n):
    if fall(n) > FALLS:
        return f"test loss {100 * fall(n):.0f} % lower in the last third"


def fall(n):
    """By which share the test loss has fallen over the last third of the run."""
    last = n.loss[n.i >= n.i[-1] * 2 / 3]
    half = len(last) // 2
    return 1 - np.median(last[half:]) / np.median(last[:half])


def first(i, holds):
    """The first iteration at which something holds."""
    return int(i[np.argmax(holds)])


SYMPTOMS = (  # where several are there, the first is told
    Symptom("NaN", is_lost, "2.1"),
    Symptom("dead layer", layer_is_dead, "2.1"),
    Symptom("vanishing gradient", gradient_vanishes, "2.1"),
    Symptom("knows nothing", knows_nothing, "2.1"),
    Symptom("rate too low", rate_is_too_low, "2.0", at_end=True),
    Symptom("network too small", is_too_small, "2.0", at_end=True),
    Symptom("rate too high", rate_is_too_high, "2.1", at_end=True),
    Symptom("overfitting", overfits, "2.2"),
    Symptom("still learning", is_still_learning, "1.0", at_end=True),
)


def diagnose(run, dead_layers=lambda test: []):
    """The first symptom that holds, and what was measured; or None. `dead_layers` asks the network, about the
    digits of a test, for the names of its dead layers.
    """
    if not (run.train.length and run.test.length):
        return None
    numbers = Numbers(run, dead_layers)
    is_over = run.iteration >= run.iterations and numbers.enough
    with np.errstate(all="ignore"):
        for symptom in SYMPTOMS:
            if (is_over or not symptom.at_end) and (measured := symptom.rule(numbers)):
                return symptom, measured


def told(run, dead_layers):
    """One sentence, or an empty string."""
    if not (found := diagnose(run, dead_layers)):
        return ""
    symptom, measured = found
    return f"{symptom.name}: {measured} (lesson {symptom.lesson})"
