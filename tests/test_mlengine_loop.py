"""The training loop."""

import json

import numpy as np
import pytest
from jobs import different, options
from quiet import tf

from mlengine.trainer import data, loop


def prepared(digits, *arguments):
    """A training in this process, before its first step."""
    given = options("--model=dense", "--hp-batch=50", *arguments)
    return loop.Training(tf.distribute.get_strategy(), given, *data.split(*digits[:2]))


def length_of_first_step(training):
    before = [variable.numpy() for variable in training.network.trainable_variables]
    next(training.run())
    after = [variable.numpy() for variable in training.network.trainable_variables]
    return np.sqrt(sum(np.sum((a - b) ** 2.0) for a, b in zip(after, before, strict=True)))


def test_a_clipped_gradient_is_no_longer_than_asked_for(digits):
    one_step = ("--steps=1", "--hp-optimizer=sgd", "--hp-decay=constant", "--hp-rate=1")
    assert length_of_first_step(prepared(digits, *one_step)) > 0.1
    clipped = length_of_first_step(prepared(digits, *one_step, "--hp-clip=0.01"))
    assert clipped == pytest.approx(0.01, rel=1e-3)


def test_early_stopping_and_plateaus(digits):
    """With a rate of almost 0, validation soon shows no improvement."""
    training = prepared(digits, "--epochs=12", "--hp-rate=1e-20", "--plateau=2", "--early-stopping=5")
    list(training.run())
    assert training.progress.step == training.progress.best["step"] + 5 * training.epoch < training.last_step
    assert training.progress.factor == 0.25  # halved after 2 and after 4 epochs
    training.rate.factor.assign(1.0)
    whole = float(training.rate(training.progress.step - 1))
    assert training.progress.history[-1]["rate"] in (pytest.approx(whole / 2), pytest.approx(whole / 4))


def test_the_mean_is_one_of_the_last_steps(digits):
    training = prepared(digits, "--steps=400", "--checkpoint-steps=10")
    weights, means = [], []
    for _ in training.run():
        weights.append(training.values(training.network)[0])
        means.append(training.mean[0])
    assert np.abs(means[0] - weights[0]).max() < 1e-4
    here = means[-1]  # after 400 steps it reaches back 40
    now, near, far = (np.abs(here - weights[-1 - back]).mean() for back in (0, 3, 20))
    assert near < now < far


def test_each_validation_has_a_new_mean(digits):
    training = prepared(digits, "--hp-batch=400", "--epochs=5")
    assert training.epoch < 10
    for _ in training.run():
        pass
    assert len({entry["validation_loss"] for entry in training.progress.history}) == 5


def test_the_best_weights_are_kept(digits):
    training = prepared(digits, "--epochs=3")
    at_best = {}
    for _ in training.run():
        if training.progress.best["step"] == training.progress.step:
            at_best = training.mean
    training.network.variables[0].assign(np.zeros([784, 200]))  # whatever comes after it
    best = training.best_network()
    assert all(np.array_equal(a, b) for a, b in zip(at_best, best.variables, strict=True))
    highest = max(entry["validation_accuracy"] for entry in training.progress.history)
    assert training.progress.best["accuracy"] == highest


def test_a_loss_of_nan_is_one_sentence(digits):
    with pytest.raises(loop.Diverged, match="learning rate is too high.*--hp-rate"):
        list(prepared(digits, "--epochs=9", "--hp-optimizer=sgd", "--hp-rate=1000").run())


def test_only_a_checkpoint_of_the_same_training_fits(digits):
    training = prepared(digits, "--epochs=2")
    list(training.run())
    state, arrays = training.snapshot()
    state = json.loads(json.dumps(state))
    assert training.fits(state, arrays)
    assert not training.fits({**state, "step": "7"}, arrays)
    assert not training.fits({**state, "step": -1}, arrays)
    assert not training.fits({**state, "history": [{"step": 1}]}, arrays)
    assert not training.fits({**state, "more": 1}, arrays)
    assert not training.fits({name: state[name] for name in state if name != "factor"}, arrays)
    assert not training.fits(state, {**arrays, "best000": arrays["best000"][:-1]})
    assert not training.fits(state, {**arrays, "best000": arrays["best000"].astype(np.float64)})
    assert not training.fits(state, {name: arrays[name] for name in arrays if name != "network001"})


def test_it_resumes_in_the_middle_of_an_epoch_with_the_same_result(digits):
    arguments = ("--steps=50", "--plateau=1", "--checkpoint-steps=7")
    whole = prepared(digits, *arguments)
    steps = whole.run()
    snapshot = next(whole.snapshot() for _ in steps if whole.progress.step == 42)
    list(steps)
    again = prepared(digits, *arguments)
    again.restore(json.loads(json.dumps(snapshot[0])), snapshot[1])
    list(again.run())
    assert not different(whole.snapshot()[1], again.snapshot()[1])
    history = [{**entry, "loss": pytest.approx(entry["loss"])} for entry in whole.progress.history]
    assert again.progress.history == history
